import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UsersPort } from "latchkey";
import { type UsersUnderTest, usersContract } from "latchkey/testing";
import Database from "libsql";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const [, example = ""] = /^```ts\n(.*?)^```/ms.exec(readFileSync(join(root, "docs/users.md"), "utf8")) ?? [];

/** The example as it stands, but for the names of its files, in a folder where the packages are found. */
async function open(): Promise<UsersUnderTest> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const folder = mkdtempSync(join(root, ".cache", "users-example-"));
  const file = join(folder, "app.db");
  const source = example
    .replace('"app.db"', JSON.stringify(file))
    .replace('"latchkey.db"', JSON.stringify(join(folder, "latchkey.db")))
    .replace("process.env.LATCHKEY_SECRET", JSON.stringify("a secret for tests, of more than 32 characters"));
  writeFileSync(join(folder, "example.ts"), source);
  const { users }: { users: UsersPort } = await import(join(folder, "example.ts"));
  const database = new Database(file);
  const set = (id: string, column: string, value: unknown): void => {
    if (value !== undefined) database.prepare(`update people set ${column} = ? where id = ?`).run(value, id);
  };
  return {
    users,
    async add({ email, password, name = null, roles = [], status = "active" }) {
      const made = await users.createUser?.({ email, password, name, roles });
      if (made === undefined || made === "email_taken") throw new Error("nobody was made");
      set(made.id, "banned", Number(status === "banned"));
      return made.id;
    },
    async change(id, { email, name, roles, status }) {
      set(id, "email", email);
      set(id, "name", name);
      set(id, "roles", roles && JSON.stringify(roles));
      set(id, "banned", status && Number(status === "banned"));
    },
    remove: async (id) => database.prepare("delete from people where id = ?").run(id),
    async dispose() {
      database.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

test("the example is found", () => {
  expect(example).toContain("UsersPort");
});

describe("the example of docs/users.md keeps the contract", () => {
  usersContract({ test, open });
});
