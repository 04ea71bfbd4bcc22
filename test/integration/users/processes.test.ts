import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Auth, latchkey } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";
import { expect, onTestFinished, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { type Child, startChild } from "../store/children.ts";

const script = fileURLToPath(new URL("child.mjs", import.meta.url));
const rounds = 200;
const passwordHash = createHash("sha256").update("correct horse battery staple").digest("hex");

interface Done {
  readonly token?: string;
  readonly code?: string;
}

interface Arena {
  readonly auth: Auth;
  readonly people: Database.Database;
  readonly entering: readonly Child[];
  readonly refreshing: Child;
}

/** This process, which tells of bans, and others that sign in and refresh, over one store and one table. */
async function makeArena(): Promise<Arena> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-users-processes-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const people = new Database(join(folder, "application.db"));
  people.exec("pragma journal_mode = wal");
  people.exec("pragma busy_timeout = 2000");
  people.exec("create table people (id text primary key, email text, hash text, status text)");
  const auth = latchkey({
    secret: "a secret for tests, of more than 32 characters",
    store: sqliteStore(join(folder, "latchkey.db")),
    clients: { pair: { transport: "bearer", strategy: "jwt-denylist" } },
    users: {
      findByEmail: () => undefined,
      findById(id) {
        const row = people.prepare("select email, status from people where id = ?").get(id);
        return { ...(row as { email: string; status: "active" | "banned" }), id, name: null, roles: [] };
      },
      checkPassword: () => false,
    },
  });
  await auth.start();
  const children = ["signIn", "signIn", "refresh"].map((role) => startChild(role, folder, undefined, script));
  onTestFinished(async () => {
    for (const child of children) await child.kill();
    await auth.close();
    people.close();
  });
  for (const child of children) expect(await child.heard()).toBe("ready");
  const [one, other, refreshing] = children;
  if (one === undefined || other === undefined || refreshing === undefined) throw new Error("no children");
  return { auth, people, entering: [one, other], refreshing };
}

test(`other processes sign in and refresh while the application bans and tells us: nothing is live (${rounds} rounds)`, async () => {
  const arena = await makeArena();
  const { auth, people, entering, refreshing } = arena;
  const outcomes = { "signed in": 0, refreshed: 0, refused: 0 };
  for (let round = 0; round < rounds; round++) {
    const [userId, email] = [`user-${round}`, `person-${round}@example.com`];
    people.prepare("insert into people values (?, ?, ?, 'active')").run(userId, email, passwordHash);
    // By turns somebody who is known by then, and whom the ban meets when they come in for the first time.
    const racing = round % 2 === 0 ? [...entering, refreshing] : entering;
    if (round % 2 === 0) {
      refreshing.tell({ email });
      expect(await refreshing.heard()).toBe("in");
    }
    for (const child of entering) child.tell({ email });
    await sleep(Math.random() * 20);
    people.prepare("update people set status = 'banned' where id = ?").run(userId);
    const told = await patiently(() => auth.api.userChanged({ userId }));
    expect(told).toMatchObject({ ok: true, user: { status: "banned" } });
    expect(await patiently(() => auth.api.listSessions({ userId })), "once we were told").toEqual([]);
    for (const child of racing) {
      const done = (await child.heard()) as Done;
      outcomes[done.token === undefined ? "refused" : child === refreshing ? "refreshed" : "signed in"] += 1;
      await expectOut(auth, done);
    }
    expect(await patiently(() => auth.api.listSessions({ userId }))).toEqual([]);
  }
  // A race that always ends in one way proves nothing.
  for (const [outcome, times] of Object.entries(outcomes))
    expect(times, outcome).toBeGreaterThan(rounds / 50);
}, 180_000);

async function expectOut(auth: Auth, { token, code }: Done): Promise<void> {
  if (token === undefined) return expect(["user_banned", "session_ended", "conflict"]).toContain(code);
  const result = await patiently(async () => auth.authenticate(bearerRequest(token)));
  expect(result.ok).toBe(false);
}

/** Asks again, as a client would, while another process holds the file. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code !== "cannot_tell" && code !== "busy") throw error;
    }
  }
}
