import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import { run, type Scope, type Script } from "../../../packages/latchkey/src/store/sql/script.ts";
import { hasRole } from "../../../packages/latchkey/src/store/sql/steps/users/users.ts";
import { makeBuilder } from "../../../packages/latchkey/src/store/sqlite/builder.ts";
import { sqliteDriver } from "../../../packages/latchkey/src/store/sqlite/driver.ts";
import { makeLifecycle } from "../../../packages/latchkey/src/store/sqlite/lifecycle.ts";
import { makeFolder } from "./folder.ts";

let folder: ReturnType<typeof makeFolder>;
let lifecycle: ReturnType<typeof makeLifecycle>;
let driver: ReturnType<typeof sqliteDriver>;

beforeEach(async () => {
  folder = makeFolder();
  const db = makeBuilder();
  const shared = { path: folder.file, db, clock: () => 1, logger: undefined };
  lifecycle = makeLifecycle({ ...shared, mustExist: false });
  driver = sqliteDriver({ ...shared, database: lifecycle.database });
  await lifecycle.start();
});

afterEach(async () => {
  await lifecycle.close();
  folder.remove();
});

function* write({ db }: Scope): Script<void> {
  yield* run(db.insertInto("latchkey_user_roles").values({ user_id: "ann", role: "admin" }));
}

const isWritten = () => driver.read((scope) => hasRole(scope, "admin"));

test("a step that answers is kept", async () => {
  await driver.write(write);
  expect(await isWritten()).toBe(true);
});

test("a step that refuses leaves nothing, whatever it wrote before", async () => {
  const refused = driver.write(function* (scope) {
    yield* write(scope);
    return { ok: false, code: "conflict" };
  });
  expect(await refused).toEqual({ ok: false, code: "conflict" });
  expect(await isWritten()).toBe(false);
});

test("a step that throws leaves nothing and cannot tell; the next one is not held up", async () => {
  const failed = driver.write(function* (scope) {
    yield* write(scope);
    throw new Error("a bug");
  });
  await expect(failed).rejects.toMatchObject({ code: "cannot_tell", cause: new Error("a bug") });
  expect(await isWritten()).toBe(false);
  await driver.write(write);
  expect(await isWritten()).toBe(true);
});

test("a step whose file goes while it runs was not done, although SQLite says so (P34)", async () => {
  const failed = driver.write(function* (scope) {
    yield* write(scope);
    rmSync(folder.file);
  });
  await expect(failed).rejects.toMatchObject({ code: "cannot_tell" });
});

test("a step that only reads cannot write", async () => {
  await expect(driver.read(write)).rejects.toMatchObject({ code: "cannot_tell" });
  expect(await isWritten()).toBe(false);
});

test("a commit waits for the disk (P34)", () => {
  const { writing } = lifecycle.database();
  expect(writing.answer({ sql: "pragma synchronous", parameters: [], one: true }).values).toEqual([[2]]);
});
