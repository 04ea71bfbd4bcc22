import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Auth, latchkey, type SignedIn, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { sqliteStore } from "latchkey/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf } from "../../support/stage.ts";
import { type MemoryTable, memoryTable } from "../../support/users/memory-table.ts";

// Checks that read nothing: what the application tells one process, the others know.

const email = "ada@example.com";
const password = "correct horse battery staple";
const clients = {
  live: { transport: "bearer", strategy: "session-live" },
  pair: { transport: "bearer", strategy: "jwt-live" },
} as const;

interface Arena {
  readonly auths: readonly [Auth, Auth];
  readonly table: MemoryTable;
  readonly userId: string;
}

async function makeArena(kind: "memory" | "sqlite"): Promise<Arena> {
  const table = memoryTable();
  const secret = "a secret for tests, of more than 32 characters";
  const make = (store: Store): Auth =>
    latchkey({ secret, store, users: table.users, rateLimit: false, clients });
  const [first, second] = openStores(kind);
  const auths = [make(first), make(second)] as const;
  for (const auth of auths) await auth.start();
  onTestFinished(async () => {
    for (const auth of auths) await auth.close();
  });
  return { auths, table, userId: await table.add({ email, password, roles: ["editor"] }) };
}

function openStores(kind: "memory" | "sqlite"): readonly [Store, Store] {
  if (kind === "memory") {
    const store = memoryStore();
    return [store, store];
  }
  const folder = mkdtempSync(join(tmpdir(), "latchkey-users-live-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return [sqliteStore(join(folder, "a.db")), sqliteStore(join(folder, "a.db"))];
}

async function enter(auth: Auth): Promise<readonly SignedIn[]> {
  const all: SignedIn[] = [];
  for (const client of ["live", "pair"]) {
    const signedIn = await auth.api.signInEmail({ email, password, client });
    if (!signedIn.ok) throw new Error(signedIn.code);
    all.push(signedIn);
  }
  return all;
}

/** What each process says of each credential: roles, or the code of a refusal. */
async function seen({ auths }: Arena, all: readonly SignedIn[]): Promise<readonly unknown[]> {
  const checks = auths.flatMap((auth) =>
    all.map((one) => auth.authenticate(bearerRequest(credentialOf(one)))),
  );
  return (await Promise.all(checks)).map((result) => (result.ok ? result.user.roles.join() : result.code));
}

describe.each(["memory", "sqlite"] as const)("over %s, in every process", (kind) => {
  test("other roles are those of the next check, a ban or a deletion ends all", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    const { table, userId } = arena;
    const all = await enter(one);
    expect(await seen(arena, all)).toEqual(["editor", "editor", "editor", "editor"]);

    await table.change(userId, { roles: ["admin"] });
    const promoted = await other.api.userChanged({ userId }, { confirm: true });
    expect(promoted).toMatchObject({ ok: true, changed: ["roles"], receipt: { complete: true } });
    expect(await seen(arena, all)).toEqual(["admin", "admin", "admin", "admin"]);

    await table.change(userId, { status: "banned" });
    const banned = await other.api.userChanged({ userId }, { confirm: true });
    expect(banned).toMatchObject({ ok: true, changed: ["banned"], revoked: 2, receipt: { complete: true } });
    expect(await seen(arena, all)).toEqual(Array(4).fill("session_ended"));

    await table.change(userId, { status: "active" });
    await other.api.userChanged({ userId }, { confirm: true });
    expect(await seen(arena, all), "nothing is revived").toEqual(Array(4).fill("session_ended"));
    const again = await enter(other);
    expect(await seen(arena, again)).toEqual(["admin", "admin", "admin", "admin"]);

    await table.remove(userId);
    await one.api.userChanged({ userId }, { confirm: true });
    expect(await seen(arena, again)).toEqual(Array(4).fill("session_ended"));
  });

  test("a user who was gone and is back is known as who they are now", async () => {
    const arena = await makeArena(kind);
    const [one, other] = arena.auths;
    const { table, userId } = arena;
    for (let round = 0; round < 3; round++) {
      const before = await enter(one);
      const row = table.rows.get(userId);
      await table.change(userId, { roles: ["admin"] });
      await one.api.userChanged({ userId }, { confirm: true });
      await table.remove(userId);
      await other.api.userChanged({ userId }, { confirm: true });
      if (row !== undefined) table.rows.set(userId, row);
      const after = await enter(other);
      expect(await seen(arena, after)).toEqual(["editor", "editor", "editor", "editor"]);
      expect(await seen(arena, before), "nothing is revived").toEqual(Array(4).fill("session_ended"));
    }
  });
});
