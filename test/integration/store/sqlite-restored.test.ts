import { copyFileSync, existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { type Auth, latchkey, type SignedIn, type Store } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { credentialOf } from "../../support/stage.ts";
import { makeFolder } from "./folder.ts";

// An older copy of the file is put back, in all the ways in which people do so: what was revoked since stays refused.

const password = "correct horse battery staple";
const clients = {
  session: { transport: "bearer", strategy: "session" },
  "session-live": { transport: "bearer", strategy: "session-live" },
  "jwt-denylist": { transport: "bearer", strategy: "jwt-denylist" },
  "jwt-allowlist": { transport: "bearer", strategy: "jwt-allowlist" },
  "jwt-live": { transport: "bearer", strategy: "jwt-live" },
} as const;
const names = Object.keys(clients);

let folder: ReturnType<typeof makeFolder>;
let running: Process[];

interface Process {
  readonly auth: Auth;
  readonly logged: string[];
}

async function startProcess(file = folder.file): Promise<Process> {
  const logged: string[] = [];
  const note = (_: object, message: string): void => void logged.push(message);
  const logger = { info: note, warn: note, error: note };
  const store: Store = sqliteStore(file, { logger });
  const secret = "a secret for tests, of more than 32 characters";
  const auth = latchkey({
    secret,
    store,
    clients,
    logger,
    rateLimit: false,
    passwords: { hasher: plainHasher() },
  });
  await auth.start();
  const process = { auth, logged };
  running.push(process);
  return process;
}

async function stopAll(): Promise<void> {
  for (const { auth } of running.splice(0)) await auth.close();
}

beforeEach(() => {
  folder = makeFolder();
  running = [];
});

afterEach(async () => {
  await stopAll();
  folder.remove();
});

/** Somebody under every strategy. */
async function signUp({ auth }: Process, email: string): Promise<readonly SignedIn[]> {
  const all: SignedIn[] = [];
  for (const client of names) {
    const input = { email, password, client };
    const signedIn = await (all.length === 0 ? auth.api.signUpEmail(input) : auth.api.signInEmail(input));
    if (!signedIn.ok) throw new Error(signedIn.code);
    all.push(signedIn);
  }
  return all;
}

/** What each credential is worth: true, a code, or "cannot_tell". */
async function worth({ auth }: Process, all: readonly SignedIn[]): Promise<readonly (true | string)[]> {
  const ask = async (signedIn: SignedIn): Promise<true | string> => {
    const headers = { authorization: `Bearer ${credentialOf(signedIn)}` };
    try {
      const result = await auth.authenticate(new Request("http://localhost/", { headers }));
      return result.ok || result.code;
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  };
  return Promise.all(all.map(ask));
}

const restores: readonly (readonly [string, (file: string) => void])[] = [
  ["copied over it", (file) => copyFileSync(`${file}.backup`, file)],
  ["moved into its place", (file) => renameSync(`${file}.backup`, file)],
  [
    "put there after it was removed",
    (file) => {
      for (const end of ["", "-wal", "-shm"]) rmSync(file + end, { force: true });
      copyFileSync(`${file}.backup`, file);
    },
  ],
];

/** A copy of it all, as it is while no process runs; then somebody is revoked, and somebody is not. */
async function history(): Promise<{
  readonly gone: readonly SignedIn[];
  readonly kept: readonly SignedIn[];
}> {
  const before = await startProcess();
  const gone = await signUp(before, "gone@example.com");
  const kept = await signUp(before, "kept@example.com");
  await stopAll();
  copyFileSync(folder.file, `${folder.file}.backup`);
  return { gone, kept };
}

describe("while no process runs, an older copy is", () => {
  test.each(restores)("%s: everybody is signed out at the next start, which says why", async (_, restore) => {
    const { gone, kept } = await history();
    const process = await startProcess();
    for (const { session } of gone) await process.auth.api.revokeSession({ sessionId: session.id });
    const late = await signUp(process, "late@example.com");
    await stopAll();
    restore(folder.file);
    const after = await startProcess();
    const refused = names.map(() => "session_ended");
    for (const all of [gone, kept]) expect(await worth(after, all)).toEqual(refused);
    expect((await worth(after, late)).every((code) => code !== true)).toBe(true);
    expect(after.logged.join("\n")).toMatch(/lacks at least \d+ changes.*Everybody is signed out/);
    const events = await after.auth.api.listEvents({ type: "everything_revoked" });
    expect(events[0]).toMatchObject({ actorId: null, detail: { cause: "restored" } });
    // People sign in again, and later starts find nothing.
    const again = await after.auth.api.signInEmail({
      email: "kept@example.com",
      password,
      client: "session",
    });
    if (!again.ok) return expect.fail(again.code);
    await stopAll();
    const last = await startProcess();
    expect(await worth(last, [again])).toEqual([true]);
    expect(last.logged.join("\n")).not.toContain("signed out");
  });

  test("a global epoch of which the copy knows nothing is not given out a second time", async () => {
    await history();
    const process = await startProcess();
    for (let i = 0; i < 3; i++) await process.auth.api.revokeEverything();
    const late = await signUp(process, "late@example.com");
    await process.auth.api.revokeSessions({ userId: late[0]?.user.id ?? "" });
    await stopAll();
    copyFileSync(`${folder.file}.backup`, folder.file);
    const after = await startProcess();
    expect((await worth(after, late)).every((code) => code !== true)).toBe(true);
  });

  test("the newest copy is put back: nobody is signed out", async () => {
    const { gone, kept } = await history();
    copyFileSync(`${folder.file}.backup`, `${folder.file}.new`);
    renameSync(`${folder.file}.new`, folder.file);
    const after = await startProcess();
    for (const all of [gone, kept]) expect(await worth(after, all)).toEqual(names.map(() => true));
  });

  test("the file is carried elsewhere without its witness: nobody is signed out", async () => {
    const { kept } = await history();
    rmSync(`${folder.file}-witness`);
    expect(await worth(await startProcess(), kept)).toEqual(names.map(() => true));
  });
});

/** Asks until there is an answer. */
async function watch(
  process: Process,
  all: readonly SignedIn[],
  seen: Set<string>,
  isEnough = (answers: readonly string[]) => !answers.includes("cannot_tell"),
): Promise<void> {
  for (let asked = 0; asked < 500; asked++) {
    const answers = (await worth(process, all)).map(String);
    for (const answer of answers) seen.add(answer);
    if (isEnough(answers)) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error("no answer in time");
}

describe("while two processes run, an older copy is moved into the file's place", () => {
  test("first nobody can tell, then it is in use, without a restart, and what was revoked stays so", async () => {
    const { gone, kept } = await history();
    const processes = [await startProcess(), await startProcess()] as const;
    for (const process of processes)
      for (const all of [gone, kept]) expect(await worth(process, all)).toEqual(names.map(() => true));
    for (const { session } of gone) await processes[0].auth.api.revokeSession({ sessionId: session.id });
    await watch(processes[1], gone, new Set(), (answers) => !answers.includes("true"));
    renameSync(`${folder.file}.backup`, folder.file);
    const seen = new Set<string>();
    for (const process of processes) await watch(process, gone, seen);
    expect([...seen].sort()).toEqual(["cannot_tell", "session_ended"]);
    for (const process of processes) {
      // What a live check knows may be as old as its bound.
      await watch(process, kept, new Set(), (answers) => answers.every((one) => one === "session_ended"));
      expect(process.logged.join("\n")).toMatch(/was replaced; the new one is in use/);
      const again = await process.auth.api.signInEmail({
        email: "kept@example.com",
        password,
        client: "jwt-live",
      });
      if (!again.ok) return expect.fail(again.code);
      for (const other of processes) expect(await worth(other, [again])).toEqual([true]);
    }
  });

  test("it is of another database: nobody can tell, for as long as it lies there", async () => {
    const { kept } = await history();
    const process = await startProcess();
    const other = makeFolder();
    const strange = sqliteStore(other.file);
    await strange.start();
    await strange.close();
    renameSync(folder.file, `${folder.file}.away`);
    copyFileSync(other.file, folder.file);
    other.remove();
    const session = kept.slice(0, 1);
    for (const end = performance.now() + 2500; performance.now() < end; ) {
      expect(await worth(process, session)).toEqual(["cannot_tell"]);
      await new Promise((done) => setTimeout(done, 50));
    }
    renameSync(`${folder.file}.away`, folder.file);
    expect(await worth(process, session)).toEqual([true]);
  });
});

test("copied over the file while it is in use: nobody can tell, and the copy is not spoiled", async () => {
  const { gone, kept } = await history();
  const process = await startProcess();
  for (const { session } of gone) await process.auth.api.revokeSession({ sessionId: session.id });
  // What was revoked has come into the file itself: a log that is played back would hide the copy.
  await stopAll();
  const open = await startProcess();
  await open.auth.api.revokeSessions({ userId: kept[0]?.user.id ?? "" });
  copyFileSync(`${folder.file}.backup`, folder.file);
  expect(await worth(open, kept.slice(0, 1))).toEqual(["cannot_tell"]);
  await stopAll();
  expect(readFileSync(folder.file)).toEqual(readFileSync(`${folder.file}.backup`));
  expect(existsSync(`${folder.file}-wal`)).toBe(false);
  // This process has the file open still, which another one would not: it is moved to where no lock of ours is.
  for (const end of ["", "-witness"]) copyFileSync(folder.file + end, `${folder.file}.moved${end}`);
  const after = await startProcess(`${folder.file}.moved`);
  for (const all of [gone, kept]) expect(await worth(after, all)).toEqual(names.map(() => "session_ended"));
});
