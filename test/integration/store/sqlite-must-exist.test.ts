import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import type { Store } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFirstVersion } from "./first-version.ts";
import { makeFolder } from "./folder.ts";
import { signUp } from "./people.ts";

let folder: ReturnType<typeof makeFolder>;
let stores: Store[];

beforeEach(() => {
  folder = makeFolder();
  stores = [];
});

afterEach(async () => {
  for (const store of stores) await store.close();
  folder.remove();
});

function open(file: string = folder.file, mustExist = true): Store {
  const store = sqliteStore(file, { mustExist });
  stores.push(store);
  return store;
}

test("a database that exists is opened beside the store that made it", async () => {
  const server = open(folder.file, false);
  await server.start();
  const { session } = await signUp(server);
  const tool = open();
  await tool.start();
  expect((await tool.readSession(session.id)).session).toEqual(session);
  await tool.endSession(session.id, "revoked");
  expect((await server.readSession(session.id)).session?.endReason).toBe("revoked");
});

test("a path with odd characters names the same file as without the option", async () => {
  const odd = `${folder.file} a?b#c%20d&é.db`;
  await open(odd, false).start();
  await open(odd).start();
});

test("a file or folder that is missing is refused, and stays missing", async () => {
  for (const file of [folder.file, `${folder.file}.d/app.db`]) {
    const refused = { code: "misuse", message: `there is no database ${file}` };
    await expect(open(file).start()).rejects.toMatchObject(refused);
    expect(existsSync(file)).toBe(false);
  }
  expect(existsSync(`${folder.file}.d`)).toBe(false);
});

test("an empty file, and another application's database, are refused and left as they are", async () => {
  writeFileSync(folder.file, "");
  const other = `${folder.file}.other`;
  const database = new Database(other);
  database.exec("create table orders (id); insert into orders values (7)");
  database.close();
  for (const file of [folder.file, other]) {
    const before = readFileSync(file);
    const refused = {
      code: "misuse",
      message: `${file} is no database of latchkey: none of its tables is there`,
    };
    await expect(open(file).start()).rejects.toMatchObject(refused);
    expect(readFileSync(file)).toEqual(before);
    expect(existsSync(`${file}-wal`)).toBe(false);
  }
});

test("a database of an older release is not brought up to date behind a running server's back", async () => {
  makeFirstVersion(folder.file);
  const before = readFileSync(folder.file);
  const refused = {
    code: "misuse",
    message: expect.stringMatching(/version 1, .* start a server of this release/),
  };
  await expect(open().start()).rejects.toMatchObject(refused);
  expect(readFileSync(folder.file)).toEqual(before);
});

test("a database of a newer release is refused", async () => {
  await open(folder.file, false).start();
  const database = new Database(folder.file);
  database.exec("insert into latchkey_schema (version) values (9)");
  database.close();
  await expect(open().start()).rejects.toMatchObject({
    code: "misuse",
    message: expect.stringMatching(/version 9.* up to \d\b/),
  });
});

test("what is no database, or no file, cannot tell", async () => {
  writeFileSync(folder.file, "Dear diary, this is no database.\n".repeat(100));
  await expect(open().start()).rejects.toMatchObject({ code: "cannot_tell" });
  mkdirSync(`${folder.file}.d`);
  await expect(open(`${folder.file}.d`).start()).rejects.toMatchObject({ code: "cannot_tell" });
});
