import fc from "fast-check";
import type { Change, Position, SessionId, Store } from "latchkey";
import { accountStep } from "./accounts.ts";
import { type Step, step } from "./step.ts";

const user = fc.constantFrom("ann", "bob", "Cho");
const session = fc.integer({ min: 1, max: 8 }).map((n) => `session-${n}` as SessionId);
const epoch = fc.nat(5);
const time = fc.constantFrom(1_800_000_000_000, 1_800_000_005_000, 1_800_000_900_000);
const roles = fc.uniqueArray(fc.constantFrom("admin", "owner", "editor"));
const kind = <Kind extends Change["kind"]>(it: Kind) => fc.constant(it);

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: kind("session_ended"), sessionId: session, userId: user }),
  fc.record({ kind: kind("session_epoch"), sessionId: session, userId: user, epoch }),
  fc.record({ kind: kind("user_epoch"), userId: user, epoch }),
  fc.record({
    kind: kind("user_state"),
    userId: user,
    version: epoch,
    roles,
    status: fc.constantFrom("active", "banned"),
    bannedUntil: fc.option(time),
  }),
  fc.record({
    kind: kind("user_state"),
    userId: user,
    version: epoch,
    roles,
    status: fc.constant("banned" as const),
    bannedUntil: fc.constant(null),
    ownBan: fc.option(fc.record({ until: fc.option(time) })),
  }),
  fc.record({ kind: kind("user_deleted"), userId: user, epoch }),
  fc.record({ kind: kind("global_epoch"), epoch }),
  fc.record({ kind: kind("key_added"), keyId: fc.constant("key-1"), activatesAt: time }),
  fc.record({ kind: kind("key_retired"), keyId: fc.nat(9).map((n) => `key-${n}`), retiresAt: time }),
);

/** Where each store has been read up to: their positions are their own. */
const places = new WeakMap<Store, Position>();

/** The changes of one step have no order of their own, and pages are cut between steps. */
async function read(store: Store, limit: number, lease: Parameters<Store["readChanges"]>[0]["lease"]) {
  const after = places.get(store) ?? null;
  const { position, changes, ...page } = await store.readChanges({ after, limit, waitMs: 0, lease });
  places.set(store, position);
  return { ...page, changes: changes.map((it) => JSON.stringify(sorted(it))).sort() };
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, member]) => [name, sorted(member)] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

const lease = fc.record({
  id: fc.constantFrom("a", "b"),
  counter: fc.nat(20),
  node: fc.constant("node"),
  duration: fc.constantFrom(500, 2450),
  accepts: fc.boolean(),
});

/** What the log is told and says, between steps that write it. */
export const logStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: accountStep },
  {
    weight: 1,
    arbitrary: step("restoreChanges", [fc.array(change, { maxLength: 6 })], (store, changes) =>
      store.restoreChanges(changes),
    ),
  },
  { weight: 1, arbitrary: step("endEverything", [], (store) => store.endEverything()) },
  { weight: 2, arbitrary: step("readChanges", [fc.integer({ min: 1, max: 9 }), fc.option(lease)], read) },
  {
    weight: 1,
    arbitrary: step("readLeases", [], async (store) => {
      const { leases, longestLease } = await store.readLeases(places.get(store) ?? null);
      return { longestLease, leases: [...leases].sort((a, b) => (a.id < b.id ? -1 : 1)) };
    }),
  },
  {
    weight: 1,
    arbitrary: step("trimChanges", [fc.nat(3000), fc.nat(5)], (store, ...it) => store.trimChanges(...it)),
  },
  {
    weight: 1,
    arbitrary: step("declareLongest", [fc.nat(9000), fc.nat(9000)], (store, life, lease) =>
      store.declareLongest({ life, lease }),
    ),
  },
  {
    weight: 1,
    arbitrary: step("dropLease", [fc.constantFrom("a", "b")], (store, id) => store.dropLease(id)),
  },
);
