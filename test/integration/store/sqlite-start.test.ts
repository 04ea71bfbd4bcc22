import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { LatchkeyError, type Logger, type Store } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Child, startChild } from "./children.ts";
import { makeFolder } from "./folder.ts";
import { anId, aUser, signUp } from "./people.ts";

let folder: ReturnType<typeof makeFolder>;
let stores: Store[];
let children: Child[];

beforeEach(() => {
  folder = makeFolder();
  stores = [];
  children = [];
});

afterEach(async () => {
  for (const child of children) await child.kill();
  for (const store of stores) await store.close();
  folder.remove();
});

function open(file: string = folder.file, options?: Parameters<typeof sqliteStore>[1]): Store {
  const store = sqliteStore(file, options);
  stores.push(store);
  return store;
}

async function child(role: string): Promise<Child> {
  const started = startChild(role, folder.file);
  children.push(started);
  return started;
}

test("a store does nothing before its start, and cannot tell", async () => {
  const store = open();
  expect(existsSync(folder.file)).toBe(false);
  await expect(store.readSession(anId())).rejects.toMatchObject({ code: "cannot_tell" });
  await expect(store.createUser(aUser())).rejects.toMatchObject({ code: "cannot_tell" });
  expect(existsSync(folder.file)).toBe(false);
});

test("calls of start at once share one", async () => {
  const store = open();
  await Promise.all([store.start(), store.start(), store.start()]);
  await store.start();
  const { session } = await signUp(store);
  expect((await store.readSession(session.id)).session).toEqual(session);
});

test("a start that failed may be called again", async () => {
  writeFileSync(`${folder.file}.d`, "in the way of a folder");
  const store = open(`${folder.file}.d/app.db`);
  const failed = { code: "cannot_tell", message: expect.stringContaining(`${folder.file}.d/app.db`) };
  await expect(store.start()).rejects.toMatchObject(failed);
  await expect(store.listKeys()).rejects.toMatchObject({ code: "cannot_tell" });
  rmSync(`${folder.file}.d`);
  await store.start();
  expect(await store.listKeys()).toEqual({ keys: [], keysVersion: 0 });
});

test("a file that is no database is left as it is", async () => {
  const text = "Dear diary, this is no database.\n".repeat(100);
  writeFileSync(folder.file, text);
  await expect(open().start()).rejects.toMatchObject({ code: "cannot_tell" });
  expect(readFileSync(folder.file, "utf8")).toBe(text);
});

test("a database of a newer release is refused, and named", async () => {
  const store = open();
  await store.start();
  await store.close();
  const operator = await child("run");
  await operator.heard();
  operator.tell({ statements: ["insert into latchkey_schema (version) values (9)"] });
  await operator.heard();
  const refused = { code: "misuse", message: expect.stringMatching(/version 9.* up to \d+/) };
  await expect(open().start()).rejects.toMatchObject(refused);
});

test("a path that names no file is a misuse", () => {
  for (const path of ["", ":memory:"]) expect(() => sqliteStore(path)).toThrow(LatchkeyError);
});

test("a path may hold any character, and is taken from the folder of its time", async () => {
  const odd = `${folder.file} a?b#c%20d&é.db`;
  const store = open(odd);
  await store.start();
  const { session } = await signUp(store);
  expect((await store.readSession(session.id)).session).toEqual(session);
  expect(existsSync(odd)).toBe(true);

  const before = process.cwd();
  process.chdir(folder.file.slice(0, -"/app.db".length));
  const relative = open("relative.db");
  process.chdir(before);
  await relative.start();
  expect(existsSync(folder.file.replace(/app\.db$/, "relative.db"))).toBe(true);
});

test("tables of the application in the same file are left alone", async () => {
  const operator = await child("run");
  await operator.heard();
  const statements = ["pragma journal_mode = wal", "create table users (id)", "insert into users values (7)"];
  operator.tell({ statements });
  await operator.heard();
  const store = open();
  await store.start();
  const { session } = await signUp(store);
  expect((await store.readSession(session.id)).session).toEqual(session);
});

test("a process that is killed while it starts leaves a file that the next can start on", async () => {
  for (let round = 0; round < 6; round++) {
    const starter = await child("load");
    const first = starter.heard();
    await Promise.race([first, sleep(60 + round * 12)]);
    await Promise.all([starter.kill(), first.catch(() => undefined)]);
    const store = open();
    await store.start();
    const { session } = await signUp(store);
    expect((await store.readSession(session.id)).session).toEqual(session);
    await store.close();
    for (const end of ["", "-wal", "-shm"]) rmSync(folder.file + end, { force: true });
  }
});

test("text with a NUL character is refused, not cut", async () => {
  const store = open();
  await store.start();
  const cut = store.createUser(aUser({ name: "Ann\0Admin" }));
  await expect(cut).rejects.toMatchObject({ code: "invalid_input" });
});

test("the logger hears once that an outage begins and once that it ends", async () => {
  const heard: string[] = [];
  const hear = (level: string) => (fields: object, message: string) =>
    heard.push(`${level} ${message.replaceAll(folder.file, "FILE")} ${Object.keys(fields)}`);
  const logger: Logger = { info: hear("info"), warn: hear("warn"), error: hear("error") };
  const store = open(folder.file, { logger });
  await store.start();
  const { session } = await signUp(store);
  const content = readFileSync(folder.file);
  writeFileSync(folder.file, new Uint8Array(content.length), { flag: "r+" });
  for (let i = 0; i < 3; i++) await expect(store.readSession(session.id)).rejects.toThrow();
  writeFileSync(folder.file, content, { flag: "r+" });
  for (let i = 0; i < 3; i++) await store.readSession(session.id);
  expect(heard).toEqual([
    expect.stringMatching(/^error the database FILE cannot answer \(SQLITE_NOTADB.*\) file,code$/),
    "info the database FILE answers again file",
  ]);
});
