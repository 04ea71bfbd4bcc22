import { setTimeout as sleep } from "node:timers/promises";
import type { UsersPort } from "latchkey";
import { usersContract } from "latchkey/testing";
import { describe, expect, test } from "vitest";
import { type MemoryTable, memoryTable } from "../../support/users/memory-table.ts";

/** The sentences that a table breaks whose port has these methods in the place of the right ones. */
async function broken(
  change: (table: MemoryTable) => Partial<UsersPort>,
  others: (table: MemoryTable) => Partial<MemoryTable> = () => ({}),
): Promise<readonly string[]> {
  const cases: [string, () => Promise<void>][] = [];
  usersContract({
    test: (sentence, prove) => cases.push([sentence, prove]),
    open: async () => {
      const table = memoryTable();
      const { users } = table;
      const bound: UsersPort = {
        findByEmail: (email) => users.findByEmail(email),
        findById: (id) => users.findById(id),
        checkPassword: (id, password) => users.checkPassword(id, password),
        createUser: (user) => users.createUser?.(user) ?? "email_taken",
        changePassword: (id, current, next) => users.changePassword?.(id, current, next) ?? false,
        setName: (id, name) => users.setName?.(id, name),
        deleteUser: (id) => users.deleteUser?.(id),
      };
      return { ...table, ...others(table), users: { ...bound, ...change(table) } };
    },
  });
  const failed: string[] = [];
  for (const [sentence, prove] of cases) await prove().catch(() => failed.push(sentence));
  return failed;
}

/** The first whose address fits. */
async function findLike({ rows, users }: MemoryTable, fits: (email: string) => boolean) {
  const row = [...rows.values()].find(({ email }) => fits(email.toLowerCase()));
  return row && users.findById(row.id);
}

const plain = (text: string): string => text.normalize("NFD").replaceAll(/\p{Mn}/gu, "");

test("a right one breaks none", async () => {
  expect(await broken(() => ({}))).toEqual([]);
});

describe("a port is caught that", () => {
  test.each<[fault: string, sentence: string, change: (table: MemoryTable) => Partial<UsersPort>]>([
    [
      "finds an address by its beginning",
      "findByEmail finds by the very address",
      (table) => ({ findByEmail: (asked) => findLike(table, (email) => email.startsWith(asked)) }),
    ],
    [
      "takes á for a",
      "findByEmail finds by the very address",
      (table) => ({ findByEmail: (asked) => findLike(table, (email) => email === plain(asked)) }),
    ],
    [
      "takes capitals for something else",
      "findByEmail takes an address in its canonical spelling",
      ({ rows, users }) => ({
        findByEmail: (asked) =>
          users.findById([...rows.values()].find((row) => row.email === asked)?.id ?? ""),
      }),
    ],
    [
      "trims ids",
      "findById finds by the very id",
      ({ rows, users }) => ({
        findById: (id) => users.findById(rows.has(id) ? id : id.trim()),
      }),
    ],
    [
      "remembers what it saw",
      "what changes in the table is seen by the next look",
      ({ users }) => {
        const seen = new Map<string, unknown>();
        const findById: UsersPort["findById"] = async (id) => {
          if (!seen.has(id)) seen.set(id, await users.findById(id));
          return seen.get(id) as Awaited<ReturnType<UsersPort["findById"]>>;
        };
        return { findById };
      },
    ],
    [
      "trims passwords",
      "checkPassword takes the password as it was typed",
      ({ rows }) => ({
        checkPassword: (id, password) => rows.get(id ?? "")?.password.trim() === password.trim(),
      }),
    ],
    [
      "looks at 72 bytes of a password",
      "checkPassword takes the password as it was typed",
      ({ rows }) => ({
        checkPassword: (id, password) => rows.get(id ?? "")?.password.slice(0, 72) === password.slice(0, 72),
      }),
    ],
    [
      "takes any password of anybody",
      "checkPassword is false for another's password",
      ({ rows }) => ({
        checkPassword: (_, password) => [...rows.values()].some((row) => row.password === password),
      }),
    ],
    [
      "hashes nothing for nobody",
      "checkPassword takes as long where there is nobody",
      ({ users, rows }) => ({
        async checkPassword(id, password) {
          if (id !== null && rows.has(id)) await sleep(10);
          return users.checkPassword(id, password);
        },
      }),
    ],
    [
      "looks whether an address is free and then makes the account",
      "of many who make an account with one address one does",
      ({ users, add }) => ({
        async createUser(user) {
          if ((await users.findByEmail(user.email)) !== undefined) return "email_taken";
          return { id: await add(user) };
        },
      }),
    ],
    [
      "makes a second account for an address",
      "createUser answers email_taken",
      ({ add }) => ({ createUser: async (user) => ({ id: await add(user) }) }),
    ],
    [
      "forgets the roles of a new account",
      "createUser makes a user who is found at once",
      ({ add }) => ({ createUser: async ({ roles: _, ...user }) => ({ id: await add(user) }) }),
    ],
    [
      "looks at the password and then sets the new one",
      "of many who change one password at once one does",
      ({ users, rows }) => ({
        async changePassword(id, current, next) {
          const right = await users.checkPassword(id, current);
          const row = rows.get(id);
          if (right && row !== undefined) row.password = next;
          return right;
        },
      }),
    ],
    [
      "sets a password whatever the current one is",
      "changePassword sets the new one if the current one is right",
      ({ rows }) => ({
        changePassword(id, _, next) {
          const row = rows.get(id);
          if (row !== undefined) row.password = next;
          return row !== undefined;
        },
      }),
    ],
    [
      "throws for nobody",
      "setName sets the name",
      ({ users, rows }) => ({
        setName(id, name) {
          if (!rows.has(id)) throw new Error("there is no such user");
          return users.setName?.(id, name);
        },
      }),
    ],
    [
      "only hides who is deleted",
      "deleteUser removes the user",
      ({ rows }) => ({
        deleteUser(id) {
          const row = rows.get(id);
          if (row !== undefined) row.status = "banned";
        },
      }),
    ],
  ])("%s", async (_, sentence, change) => {
    expect((await broken(change)).join("\n")).toContain(sentence);
  });

  test("gives an id again", async () => {
    const again = (table: MemoryTable): Partial<MemoryTable> => ({
      async add(person) {
        const id = await table.add(person);
        const row = table.rows.get(id);
        if (row !== undefined) table.rows.set("1", { ...row, id: "1" });
        table.rows.delete(id);
        return "1";
      },
    });
    expect((await broken(() => ({}), again)).join("\n")).toContain("an id is never given to another person");
  });
});
