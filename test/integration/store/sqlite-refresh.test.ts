import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { NewSession, SessionId, Store } from "../../../packages/latchkey/src/types.ts";
import { makeFolder } from "./folder.ts";

const now = 1_800_000_000_000;
const id = "the session" as SessionId;

/** What no method of the port brings about, and a restored backup or an operator's own hand might. */
describe("a refresh finds the row in a state of its own", () => {
  let folder: ReturnType<typeof makeFolder>;
  let store: Store;
  beforeEach(async () => {
    folder = makeFolder();
    store = sqliteStore(folder.file, { clock: () => now });
    await store.start();
    const create = { id: "ann", email: null, name: null, roles: [], passwordHash: null };
    const session: NewSession = {
      id,
      client: "web",
      tokenHash: null,
      expiresIn: 3600,
      idleTimeout: null,
      amr: [],
      ip: null,
      userAgent: null,
      refreshSalt: "salt",
    };
    await store.openSession({ user: { create }, session, replaces: null, limit: null, audit: null });
  });
  afterEach(async () => {
    await store.close();
    folder.remove();
  });

  function change(sql: string): void {
    const database = new Database(folder.file);
    database.exec(sql);
    database.close();
  }

  function refresh(generation: number) {
    const origin = { client: "web", ip: null, userAgent: null };
    const entry = { type: "refresh_reused", actorId: null, userId: "ann", sessionId: id } as const;
    const audit = { ...entry, ...origin, detail: {} };
    return store.refreshSession({
      id,
      generation,
      epoch: 0,
      client: "web",
      grace: 10_000,
      rotationKey: null,
      audit,
    });
  }

  test.each([
    ["a banned user", "update latchkey_users set status = 'banned'", "account_unavailable"],
    ["no user", "delete from latchkey_users", "account_unavailable"],
    ["a user of a higher epoch", "update latchkey_users set epoch = 1", "session_ended"],
    ["a higher global epoch", "update latchkey_meta set global_epoch = 1", "session_ended"],
  ])("%s: refused, and nothing is written", async (_, sql, code) => {
    change(sql);
    const before = await store.readSession(id);
    for (const generation of [0, -2, 1]) expect(await refresh(generation)).toEqual({ ok: false, code });
    expect(await store.readSession(id)).toEqual(before);
    expect(await store.listAudit({ limit: 9 })).toEqual([]);
  });

  test("a ban that is over refuses nobody", async () => {
    change(`update latchkey_users set status = 'banned', banned_until = ${now}`);
    expect(await refresh(0)).toMatchObject({ ok: true, outcome: "kept" });
  });

  test("a theft is kept although the answer is a refusal, with its entry or not at all", async () => {
    change("drop table latchkey_audit");
    await expect(refresh(-2)).rejects.toMatchObject({ code: "cannot_tell" });
    expect((await store.readSession(id)).session).toMatchObject({ endedAt: null, epoch: 0 });
  });
});
