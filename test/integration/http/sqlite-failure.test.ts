import { spawn } from "node:child_process";
import {
  closeSync,
  copyFileSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { fileURLToPath } from "node:url";
import { sqliteStore } from "latchkey/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { type App, makeApp, origin, outcome, whoIs } from "../../support/http/app.ts";
import { type Answer, type Device, makePerson } from "../../support/http/device.ts";
import { measureUntil, timed } from "../../support/http/measure.ts";
import { makeDirectory, sqliteOnly } from "../../support/http/stores.ts";

// What the library says while its database is broken, gone, replaced or locked under its hands.

/** Everything that asks the store. */
const requests: readonly (readonly [string, (device: Device) => Promise<Answer>])[] = [
  ["list-sessions", (device) => device.get("/list-sessions")],
  ["get-session", (device) => device.get("/get-session")],
  ["sign-in", (device) => device.signIn(makePerson())],
  ["sign-up", (device) => device.post("/sign-up/email", { ...makePerson(), client: device.client })],
  ["update-user", (device) => device.post("/update-user", { name: "Late" })],
  ["sign-out", (device) => device.post("/sign-out", {})],
];

/** An answer within this many ms is no hang: 250 of the design, and what a busy machine adds. */
const promptly = 250;

const onDisk = { kind: sqliteOnly, realTime: true };

function fileOf({ opened }: App): string {
  if (opened.file === undefined) throw new Error("this store has no file");
  return opened.file;
}

/** What happens to the file, and (where it can be undone) how. */
const accidents: readonly (readonly [string, (file: string) => (() => void) | undefined])[] = [
  ["is truncated to nothing", (file) => void truncateSync(file, 0)],
  ["is cut in half", (file) => void truncateSync(file, Math.floor(statSync(file).size / 8192) * 4096)],
  ["is overwritten with noise", (file) => void overwrite(file, Buffer.alloc(statSync(file).size, "noise"))],
  ["loses its first page", (file) => void overwrite(file, Buffer.alloc(4096))],
  ["is removed", (file) => void rmSync(file)],
  ["is removed with its log", (file) => void ["", "-wal", "-shm"].map((end) => rmSync(file + end))],
  [
    "is moved away",
    (file) => {
      renameSync(file, `${file}.away`);
      return () => renameSync(`${file}.away`, file);
    },
  ],
  [
    "is replaced by an empty file",
    (file) => {
      renameSync(file, `${file}.away`);
      writeFileSync(file, "");
      return () => renameSync(`${file}.away`, file);
    },
  ],
  [
    "is replaced by a copy of itself",
    (file) => {
      copyFileSync(file, `${file}.copy`);
      renameSync(file, `${file}.away`);
      renameSync(`${file}.copy`, file);
      return () => renameSync(`${file}.away`, file);
    },
  ],
];

function overwrite(file: string, bytes: Buffer): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, bytes, 0, bytes.length, 0);
  closeSync(descriptor);
}

describe("a database that", () => {
  test.each(accidents)("%s: 503 at once, and nobody is signed out", async (_, happen) => {
    const app = await makeApp(onDisk);
    const web = await app.arrive("web");
    const phone = await app.arrive("mobile");
    const token = await app.arrive("mobile-jwt");
    const undo = happen(fileOf(app));
    for (const { device } of [web, phone, token]) {
      const credential = device.credential();
      for (const [what, ask] of requests) {
        if (device === token.device && what === "sign-out") continue; // asks nothing of the store
        const { ms } = await measureUntil(
          3,
          (taken) => taken.ms < promptly,
          () =>
            timed(async () => {
              const { status, code } = await ask(device);
              expect([what, status, code]).toEqual([what, 503, "cannot_tell"]);
            }),
        );
        expect(ms, `ms for ${what}`).toBeLessThan(promptly);
      }
      expect(device.credential()).toBe(credential);
    }
    await expect(async () =>
      app.auth.authenticate(new Request(origin, { headers: web.device.credentialHeaders() })),
    ).rejects.toMatchObject({ code: "cannot_tell" });
    const withToken = await app.auth.authenticate(
      new Request(origin, { headers: token.device.credentialHeaders() }),
    );
    expect(withToken.ok, "a plain JWT asks no store").toBe(true);
    if (undo === undefined) return;
    undo();
    for (const { device, userId } of [web, phone, token]) expect(await whoIs(device)).toBe(userId);
  });

  test.each<[string, (log: string) => void]>([
    ["truncated", (log) => truncateSync(log, 0)],
    ["overwritten with noise", (log) => overwrite(log, Buffer.alloc(statSync(log).size, "noise"))],
  ])(
    "has its log %s: what it cannot read is 503, never somebody else and never signed out",
    async (_, damage) => {
      const app = await makeApp(onDisk);
      const people = [await app.arrive("web"), await app.arrive("mobile"), await app.arrive("web")];
      damage(`${fileOf(app)}-wal`);
      for (let round = 0; round < 5; round++) {
        for (const { device, userId } of people) {
          expect(["cannot_tell", userId]).toContain(await whoIs(device));
          expect(["cannot_tell", 200]).toContain(
            outcome(await device.post("/update-session", { data: { round } })),
          );
          expect(["cannot_tell", 200]).toContain(outcome(await device.get("/list-sessions")));
        }
      }
    },
  );

  test("loses its log: 503 as soon as a read looks for it (every 5 ms) or a write", async () => {
    const app = await makeApp(onDisk);
    const { device } = await app.arrive("web");
    rmSync(`${fileOf(app)}-wal`);
    expect(outcome(await device.post("/update-user", { name: "Late" }))).toBe("cannot_tell");
    await new Promise((resolve) => setTimeout(resolve, 6));
    for (const [what, ask] of requests) {
      expect([what, outcome(await ask(device))]).toEqual([what, "cannot_tell"]);
    }
  });

  test("is replaced by another one: nobody of the one is somebody in the other", async () => {
    const app = await makeApp(onDisk);
    const { device } = await app.arrive("web");
    const other = await makeApp(onDisk);
    await other.arrive("web");
    await other.auth.close();
    for (const end of ["-wal", "-shm"]) rmSync(fileOf(app) + end, { force: true });
    renameSync(fileOf(other), fileOf(app));
    for (const [what, ask] of requests) {
      expect([what, outcome(await ask(device))]).toEqual([what, "cannot_tell"]);
    }
  });
});

const library = fileURLToPath(new URL("../../..", import.meta.url));

/** Another process that takes the write lock of a database and keeps it until it is told to let go. */
async function holdLock(file: string): Promise<{ release(): Promise<void> }> {
  const code = `
    import Database from "libsql";
    const database = new Database(${JSON.stringify(file)});
    database.exec("begin immediate");
    process.stdout.write("locked");
    process.stdin.on("data", () => { database.exec("rollback"); database.close(); process.exit(); });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", code], { cwd: library });
  onTestFinished(() => void child.kill("SIGKILL"));
  const exited = new Promise((resolve) => child.once("exit", resolve));
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.stderr.once("data", (text) => reject(new Error(String(text))));
  });
  return {
    async release() {
      child.stdin.write("go");
      await exited;
    },
  };
}

describe("a database whose write lock another process holds", () => {
  test("checks go on, writes are 503 within 250 ms, and the event loop is never held", async () => {
    const app = await makeApp(onDisk);
    const { device, person, userId } = await app.arrive("web");
    const phone = await app.arrive("mobile");
    const lock = await holdLock(fileOf(app));
    const ask = async (what: string, expected: string | number, request: () => Promise<Answer>) => {
      const { result, ms } = await timed(request);
      expect([what, outcome(result)]).toEqual([what, expected]);
      return ms;
    };
    const newcomer = { ...makePerson(), client: "web" };
    const isGood = (one: { write: number; read: number; held: number }): boolean =>
      one.write < promptly && one.read < promptly / 2 && one.held < 120;
    const slowest = await measureUntil(8, isGood, async () => {
      const loop = monitorEventLoopDelay({ resolution: 2 });
      loop.enable();
      const reads = Array.from({ length: 10 }, () =>
        ask("get-session", 200, () => device.get("/get-session")),
      );
      const writes = [
        ask("sign-in", "cannot_tell", () => app.device("web").signIn(person)),
        ask("sign-up", "cannot_tell", () => app.device().post("/sign-up/email", newcomer)),
        ask("update-user", "cannot_tell", () => device.post("/update-user", { name: "Late" })),
        ask("update-session", "cannot_tell", () => device.post("/update-session", { data: { late: 1 } })),
        ask("sign-out", "cannot_tell", () => phone.device.post("/sign-out", {})),
      ];
      const [read, write] = [
        Math.max(...(await Promise.all(reads))),
        Math.max(...(await Promise.all(writes))),
      ];
      loop.disable();
      return { read, write, held: loop.max / 1e6 };
    });
    expect(slowest.write, "ms of the slowest write").toBeLessThan(promptly);
    expect(slowest.read, "ms of the slowest check").toBeLessThan(promptly / 2);
    expect(slowest.held, "ms that the event loop was held").toBeLessThan(120);
    await lock.release();
    expect(
      (await device.get("/get-session")).body.session?.data,
      "what was refused is not done later",
    ).toEqual({});
    expect((await device.get("/list-sessions")).json).toHaveLength(1);
    expect(await whoIs(device)).toBe(userId);
    expect(await whoIs(phone.device)).toBe(phone.userId);
    expect(outcome(await app.device("web").signIn(person))).toBe(200);
  });

  test("a lock that is held for a moment only is waited for", async () => {
    const app = await makeApp(onDisk);
    const { device } = await app.arrive("web");
    const lock = await holdLock(fileOf(app));
    const renamed = device.post("/update-user", { name: "Ada" });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await lock.release();
    expect([200, "cannot_tell"]).toContain(outcome(await renamed));
    expect(outcome(await device.post("/update-user", { name: "Ada" }))).toBe(200);
  });
});

describe("a database that cannot be opened", () => {
  test.each([
    ["lies under a file", (path: string) => `${path}/file/latchkey.db`],
    ["is a folder", (path: string) => path],
    ["is no database", (path: string) => `${path}/file`],
  ])("as it %s: 503, and liveness goes on", async (_, locate) => {
    const directory = makeDirectory();
    onTestFinished(directory.remove);
    writeFileSync(
      `${directory.path}/file`,
      "this is no database, though it is long enough to be one".repeat(100),
    );
    const store = sqliteStore(locate(directory.path));
    const app = await makeApp({ shared: { store, remove: () => undefined }, realTime: true, begin: false });
    expect(outcome(await app.device().get("/ready"))).toBe("cannot_tell");
    expect(outcome(await app.device("web").signIn(makePerson()))).toBe("cannot_tell");
    expect(outcome(await app.device().get("/ok"))).toBe(200);
  });
});
