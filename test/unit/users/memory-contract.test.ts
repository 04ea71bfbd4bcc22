import { usersContract } from "latchkey/testing";
import { describe, test } from "vitest";
import { memoryTable } from "../../support/users/memory-table.ts";

describe("a table in memory keeps the contract", () => {
  usersContract({ test, open: async () => memoryTable() });
});

describe("a table without roles, bans and any method that it may do without keeps it too", () => {
  const without = ["createUser", "changePassword", "setName", "deleteUser"] as const;
  usersContract({ test, open: async () => memoryTable({ without, keepsStanding: false }) });
});
