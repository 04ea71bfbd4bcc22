import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SessionId } from "../../../packages/latchkey/src/types.ts";
import { madeAt, makeFirstVersion } from "./first-version.ts";
import { makeFolder } from "./folder.ts";
import { makeSecondVersion } from "./second-version.ts";

const clock = () => madeAt + 1000;
const live = "live" as SessionId;

describe("a database of version 1", () => {
  let folder: ReturnType<typeof makeFolder>;
  beforeEach(() => {
    folder = makeFolder();
    makeFirstVersion(folder.file);
  });
  afterEach(() => folder.remove());

  test("comes through with all that is in it", async () => {
    const store = sqliteStore(folder.file, { clock });
    await store.start();
    const ann = {
      id: "ann",
      email: "ann@example.test",
      name: "Änn_Ö",
      roles: ["admin", "editor"],
      status: "active",
      bannedUntil: null,
      banReason: null,
      externalBan: false,
      externalRoles: false,
      createdAt: madeAt,
      version: 3,
      epoch: 2,
      passwordHash: "$hash",
      audiences: [],
    };
    const session = {
      id: "live",
      userId: "ann",
      client: "web",
      createdAt: madeAt,
      lastSeenAt: madeAt + 7,
      expiresAt: madeAt + 86_400_000,
      idleTimeout: 3600,
      authTime: madeAt,
      amr: ["pwd"],
      ip: "192.0.2.7",
      userAgent: "Test/1.0",
      data: { cart: [1] },
      epoch: 1,
      userEpoch: 2,
      globalEpoch: 1,
      version: 4,
      tokenHash: "hash",
      generation: 0,
      rotatedAt: madeAt,
      refreshSalt: null,
      rotationKey: null,
      endedAt: null,
      endReason: null,
      audiences: [],
    };
    const read = { session, user: ann, globalEpoch: 1, keysVersion: 2, now: clock() };
    expect(await store.readSession(live)).toEqual(read);
    expect((await store.readSession("ended" as SessionId)).session).toMatchObject({
      endedAt: madeAt + 5,
      endReason: "banned",
      generation: 0,
    });
    const active = { activatesAt: madeAt, retiresAt: null };
    expect(await store.listKeys()).toMatchObject({
      keys: [
        { id: "k1", ...active },
        { id: "k2", activatesAt: madeAt + 1, retiresAt: null },
      ],
      keysVersion: 2,
    });
    expect((await store.listUsers({ limit: 9 })).map(({ id }) => id)).toEqual(["bob", "ann"]);
    for (const search of ["änn_ö", "ÄNN", "ann@", "ANN"]) {
      expect((await store.listUsers({ search, limit: 9 })).map(({ id }) => id)).toEqual(["ann"]);
    }
    expect(await store.listAudit({ limit: 9 })).toEqual([]);
    await store.close();
  });

  test("works on as a new one does", async () => {
    const store = sqliteStore(folder.file, { clock });
    await store.start();
    const audit = { actorId: null, userId: "ann", sessionId: live, client: "web", ip: null, userAgent: null };
    const refresh = { id: live, generation: 0, epoch: 1, client: "web", grace: 10, rotationKey: null };
    const entry = { ...audit, type: "refresh_reused" as const, detail: {} };
    expect(await store.refreshSession({ ...refresh, audit: entry })).toMatchObject({
      ok: true,
      outcome: "rotated",
    });
    await store.appendAudit({ ...entry, type: "signed_in" });
    expect(await store.listAudit({ limit: 9 })).toMatchObject([{ id: 1, type: "signed_in" }]);
    expect(await store.setRoles("ann", [], { keepOneOf: ["admin"] })).toMatchObject({ ok: false });
    await store.close();
  });

  test("is brought up to date once by several who start together", async () => {
    const stores = Array.from({ length: 4 }, () => sqliteStore(folder.file, { clock }));
    await Promise.all(stores.map((store) => store.start()));
    for (const store of stores) expect((await store.listKeys()).keysVersion).toBe(2);
    await Promise.all(stores.map((store) => store.close()));
    const database = new Database(folder.file);
    const versions = database.prepare("select version from latchkey_schema order by version").raw().all();
    const [meta] = database.prepare("select lineage from latchkey_meta").raw().all();
    database.close();
    expect(versions).toEqual([[1], [2], [3], [4], [5]]);
    expect(meta).toEqual(["the lineage of version 1"]);
  });
});

test("a database of version 2 comes through: bans are ours, roles are ours, and an id that comes back begins higher", async () => {
  const folder = makeFolder();
  makeSecondVersion(folder.file);
  const store = sqliteStore(folder.file, { clock });
  await store.start();
  const ours = { externalBan: false, externalRoles: false };
  const ann = await store.findUser({ id: "ann" });
  expect(ann).toMatchObject({ ...ours, roles: ["admin", "editor"], version: 3, epoch: 2 });
  expect(await store.findUser({ id: "bob" })).toMatchObject({ ...ours, status: "banned", banReason: "spam" });
  expect(await store.listAudit({ limit: 9 })).toMatchObject([{ id: 1, type: "signed_in" }]);
  expect((await store.readSession(live)).session).toMatchObject({ endedAt: null, generation: 0 });
  const external = { id: "ann", email: "ann@example.test", name: "Ann", roles: ["editor"] };
  const synced = await store.syncUser(external, { from: ann ?? null });
  expect(synced).toMatchObject({ ok: true, user: { externalRoles: true, version: clock() } });
  await store.deleteUser("ann");
  const above = clock() + 1;
  expect(await store.syncUser(external)).toMatchObject({ ok: true, user: { version: above, epoch: above } });
  await store.close();
  folder.remove();
});
