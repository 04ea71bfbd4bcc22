import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import type { SessionId, Store } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { makeFolder } from "./folder.ts";
import { anId, aSession, aUser, signUp, unlimited } from "./people.ts";

/** A request that cannot be answered is to be told so within this time, in ms. */
const budget = 250;

type Call = readonly [name: string, call: (store: Store, id: SessionId, userId: string) => Promise<unknown>];

const reads: readonly Call[] = [
  ["readSession", (store, id) => store.readSession(id)],
  ["readSession of nothing", (store) => store.readSession(anId())],
  ["findUser", (store, _, userId) => store.findUser({ id: userId })],
  ["hasRole", (store) => store.hasRole("admin")],
  ["listKeys", (store) => store.listKeys()],
  ["listSessions", (store, _, userId) => store.listSessions(userId)],
];

const writes: readonly Call[] = [
  ["createUser", (store) => store.createUser(aUser())],
  [
    "openSession",
    (store, _, id) =>
      store.openSession({ user: { id, epoch: 0 }, session: aSession(), replaces: null, ...unlimited }),
  ],
  ["endSession", (store, id) => store.endSession(id, "revoked")],
  ["endSession of nothing", (store) => store.endSession(anId(), "revoked")],
  ["touchSession", (store, id) => store.touchSession(id, -1)],
  ["endEverything", (store) => store.endEverything()],
  ["purgeSessions", (store) => store.purgeSessions(0, 10)],
];

/** Overwrites the file without making another one of it. */
function overwrite(file: string, content: Uint8Array): void {
  writeFileSync(file, content, { flag: "r+" });
  truncateSync(file, content.length);
}

const faults: readonly (readonly [name: string, strike: (file: string) => void])[] = [
  ["cut to nothing", (file) => truncateSync(file, 0)],
  ["cut in half", (file) => truncateSync(file, statSync(file).size / 2)],
  ["cut by one page", (file) => truncateSync(file, statSync(file).size - 4096)],
  ["overwritten with zeros", (file) => overwrite(file, new Uint8Array(statSync(file).size))],
  ["overwritten with a larger database", (file) => overwrite(file, readFileSync(`${file}.large`))],
  ["overwritten with a smaller database", (file) => overwrite(file, readFileSync(`${file}.small`))],
  ["overwritten with text", (file) => overwrite(file, Buffer.from("This is no database.\n".repeat(9000)))],
  ["removed", (file) => rmSync(file)],
  [
    "removed with its log",
    (file) => {
      for (const end of ["", "-wal", "-shm"]) rmSync(file + end);
    },
  ],
  ["replaced by another database", (file) => renameSync(`${file}.large`, file)],
  [
    "replaced by a folder",
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
  [
    "replaced by a copy of itself",
    (file) => {
      copyFileSync(file, `${file}.copy`);
      renameSync(`${file}.copy`, file);
    },
  ],
];

/** Databases that have been closed, with all of them in one file: one to begin with, two of other lineages. */
const templates = makeFolder();
const [ours, large, small] = ["ours", "large", "small"].map((name) => `${templates.file}.${name}`) as [
  string,
  string,
  string,
];

beforeAll(async () => {
  for (const [file, users] of [
    [ours, 30],
    [large, 50],
    [small, 0],
  ] as const) {
    const store = sqliteStore(file);
    await store.start();
    for (let i = 0; i < users; i++) await signUp(store);
    await store.close();
  }
});

afterAll(() => templates.remove());

describe.each([
  ["with all of it in the log", false],
  ["with nearly all of it in the file", true],
])("a database %s", (_, inFile) => {
  let folder: ReturnType<typeof makeFolder>;
  let store: Store;
  let id: SessionId;
  let userId: string;

  beforeEach(async () => {
    folder = makeFolder();
    copyFileSync(large, `${folder.file}.large`);
    copyFileSync(small, `${folder.file}.small`);
    if (inFile) copyFileSync(ours, folder.file);
    store = sqliteStore(folder.file);
    await store.start();
    const { user, session } = await signUp(store);
    [id, userId] = [session.id, user.id];
  });

  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  async function expectCannotTell(...calls: readonly Call[]): Promise<void> {
    const times: number[] = [];
    for (const [name, call] of calls) {
      const started = performance.now();
      const outcome = await call(store, id, userId).then(
        (answer) => ({ answer }),
        ({ code, message }) => ({ code, names: String(message).includes(folder.file) }),
      );
      times.push(performance.now() - started);
      expect.soft({ name, ...outcome }).toEqual({ name, code: "cannot_tell", names: true });
    }
    // The middle one: a single one may be slow because the machine is.
    expect.soft(times.sort((a, b) => a - b)[times.length >> 1], "in ms").toBeLessThan(budget);
  }

  // Each kind of call comes first once: what one has noticed must not be what tells the other.
  describe.each(faults)("that is %s", (_, strike) => {
    test("cannot tell, from the first read on", async () => {
      await store.readSession(id);
      strike(folder.file);
      await expectCannotTell(...reads, ...writes);
    });

    test("cannot tell, from the first write on", async () => {
      await store.touchSession(id, -1);
      strike(folder.file);
      await expectCannotTell(...writes, ...reads);
    });
  });

  test("cannot tell even if the clock of the file system did not move in between", async () => {
    const time = new Date();
    utimesSync(folder.file, time, time);
    await store.readSession(id);
    overwrite(folder.file, new Uint8Array(statSync(folder.file).size));
    utimesSync(folder.file, time, time);
    await expectCannotTell(...reads, ...writes);
  });

  test("answers again when the same file is back in its place", async () => {
    renameSync(folder.file, `${folder.file}.away`);
    await expectCannotTell(["readSession", () => store.readSession(id)]);
    renameSync(`${folder.file}.away`, folder.file);
    expect((await store.readSession(id)).session?.id).toBe(id);
    expect(await store.endSession(id, "revoked")).toBe(true);
  });

  test("does not answer when another file came into its place, whatever happens then", async () => {
    renameSync(`${folder.file}.large`, folder.file);
    await expectCannotTell(["readSession", () => store.readSession(id)]);
    await expect(store.start()).resolves.toBeUndefined();
    await expectCannotTell(["readSession", () => store.readSession(id)]);
  });

  test.each(["-wal", "-shm"])("cannot tell without its %s file", async (end) => {
    rmSync(folder.file + end);
    await expectCannotTell(["endSession", () => store.endSession(id, "revoked")]);
    await new Promise((resolve) => setTimeout(resolve, 10));
    await expectCannotTell(["readSession", () => store.readSession(id)]);
  });
});
