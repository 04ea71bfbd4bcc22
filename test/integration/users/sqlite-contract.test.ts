import { usersContract } from "latchkey/testing";
import { describe, test } from "vitest";
import { sqliteTable } from "../../support/users/sqlite-table.ts";

describe("a table in a file of SQLite, with argon2, keeps the contract", () => {
  usersContract({ test, open: sqliteTable });
});
