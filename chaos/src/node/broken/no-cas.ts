import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "latchkey";
import type { SessionRows } from "../rows/rows.ts";

/** How long it takes from reading to writing, in milliseconds: an application, a network and a database. */
const gap = { least: 10, most: 60 };

/**
 * Breaks P4 and P19: a session is read, changed in memory and written back whole, as stores do that have `get` and `set`
 * and nothing else. A refresh makes the next generation of whatever was read.
 */
export function withoutCompare(store: Store, rows: SessionRows): Store {
  return {
    ...store,
    async refreshSession(input) {
      const read = await store.readSession(input.id);
      const row = await rows.get(input.id);
      const { session, user, globalEpoch, keysVersion, now } = read;
      if (session === undefined || user === undefined || row === undefined || session.endedAt !== null)
        return { ok: false, code: "session_ended" };
      if (session.epoch !== input.epoch) return { ok: false, code: "credential_renewed" };
      await sleep(gap.least + Math.random() * (gap.most - gap.least));
      const generation = session.generation + 1;
      await rows.set(input.id, { ...row, generation, rotatedAt: now });
      const refreshed = { ...session, generation, rotatedAt: now };
      return { ok: true, user, session: refreshed, globalEpoch, keysVersion, now, outcome: "rotated" };
    },
    async updateSession(id, _version, data) {
      const { session } = await store.readSession(id);
      const row = await rows.get(id);
      if (session === undefined || row === undefined || session.endedAt !== null)
        return { ok: false, code: "session_ended" };
      await sleep(gap.least + Math.random() * (gap.most - gap.least));
      await rows.set(id, { ...row, data: JSON.stringify(data), version: session.version + 1 });
      return { ok: true, session: { ...session, data, version: session.version + 1 } };
    },
  };
}
