import { equal } from "../stage/assert.ts";
import type { ContractCase } from "../stage/scene.ts";
import { grace, refreshable, seen, token } from "./present.ts";

/** What the port says of a refresh that is not refused. */
export const outcomeCases: readonly ContractCase[] = [
  [
    "the newest refresh token, younger than the window, is kept and counts as use",
    async ({ store, clock }) => {
      const { user, session } = await refreshable(store);
      clock.advance(grace - 1);
      const now = clock.read();
      const kept = { ...session, lastSeenAt: now };
      const answer = await store.refreshSession(token(session, 0, "key"));
      const moment = { user, session: kept, globalEpoch: 0, keysVersion: 0, now };
      equal(answer, { ok: true, ...moment, outcome: "kept" }, "the answer");
      equal(await store.readSession(session.id), { ...moment, keysVersion: 0 }, "what is read");
      equal(await store.listAudit({ limit: 9 }), [], "the audit log");
    },
  ],
  [
    "the newest, as old as the window, is rotated, and the request's key remembered",
    async ({ store, clock }) => {
      const { user, session } = await refreshable(store);
      clock.advance(grace);
      const now = clock.read();
      const rotated = { ...session, generation: 1, rotatedAt: now, rotationKey: "key", lastSeenAt: now };
      const answer = await store.refreshSession(token(session, 0, "key"));
      const moment = { user, session: rotated, globalEpoch: 0, keysVersion: 0, now };
      equal(answer, { ok: true, ...moment, outcome: "rotated" }, "the answer");
      equal(await store.readSession(session.id), { ...moment, keysVersion: 0 }, "what is read");
      equal(await store.listAudit({ limit: 9 }), [], "the audit log");
    },
  ],
  [
    "the parent is replayed within the window, with any key or none, and changes no token",
    async ({ store, clock }) => {
      const { session } = await refreshable(store);
      clock.advance(grace);
      await store.refreshSession(token(session, 0, "key"));
      const { session: rotated } = await store.readSession(session.id);
      clock.advance(grace - 1);
      for (const key of [null, "key", "another"]) {
        equal(seen(await store.refreshSession(token(session, 0, key))), "replayed 1", `with ${key}`);
      }
      const read = await store.readSession(session.id);
      equal(read.session, { ...rotated, lastSeenAt: clock.read() }, "the session");
    },
  ],
  [
    "the parent with the remembered key is replayed until its successor is used, however late",
    async ({ store, clock }) => {
      const { session } = await refreshable(store);
      clock.advance(grace);
      await store.refreshSession(token(session, 0, "key"));
      for (const wait of [grace, 3_600_000]) {
        clock.advance(wait);
        equal(seen(await store.refreshSession(token(session, 0, "key"))), "replayed 1", `${wait} ms later`);
      }
      equal(seen(await store.refreshSession(token(session, 1, "next"))), "rotated 2", "the successor");
      equal(seen(await store.refreshSession(token(session, 1, "next"))), "replayed 2", "then its parent");
      equal(seen(await store.refreshSession(token(session, 0, "key"))), "refresh_reused", "the old request");
    },
  ],
  [
    "a successor that was kept counts as used: its parent's key is forgotten",
    async ({ store, clock }) => {
      const { session } = await refreshable(store);
      clock.advance(grace);
      await store.refreshSession(token(session, 0, "key"));
      equal(seen(await store.refreshSession(token(session, 1, "key"))), "kept 1", "the successor");
      equal((await store.readSession(session.id)).session?.rotationKey, null, "what is remembered");
      equal(seen(await store.refreshSession(token(session, 0, "key"))), "replayed 1", "within the window");
      clock.advance(grace);
      equal(seen(await store.refreshSession(token(session, 0, "key"))), "refresh_reused", "after it");
    },
  ],
  [
    "a generation above the stored one is recovered, and what was remembered is forgotten",
    async ({ store, clock }) => {
      const { session } = await refreshable(store);
      clock.advance(grace);
      await store.refreshSession(token(session, 0, "key"));
      clock.advance(grace);
      const now = clock.read();
      equal(seen(await store.refreshSession(token(session, 5, "late"))), "recovered 5", "the answer");
      const brought = { generation: 5, rotatedAt: now, rotationKey: null, lastSeenAt: now };
      equal((await store.readSession(session.id)).session, { ...session, ...brought }, "the session");
      equal(seen(await store.refreshSession(token(session, 5))), "kept 5", "the same again");
      equal(await store.listAudit({ limit: 9 }), [], "the audit log");
      equal(seen(await store.refreshSession(token(session, 3))), "refresh_reused", "one from between");
    },
  ],
  [
    "each refresh that is not refused counts as use, but moves no absolute end",
    async ({ store, clock }) => {
      const { session } = await refreshable(store, { expiresIn: 300, idleTimeout: 60 });
      const generations = [
        [0, "rotated 1"],
        [0, "replayed 1"],
        [3, "recovered 3"],
        [3, "rotated 4"],
      ] as const;
      for (const [generation, outcome] of generations) {
        clock.advance(59_999);
        equal(seen(await store.refreshSession(token(session, generation, "key"))), outcome, "not idle");
      }
      clock.advance(session.expiresAt - clock.read() - 1);
      equal(seen(await store.refreshSession(token(session, 4))), "rotated 5", "just before the end");
      clock.advance(1);
      equal(seen(await store.refreshSession(token(session, 5))), "session_expired", "at the end");
    },
  ],
];
