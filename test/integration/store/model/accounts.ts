import fc from "fast-check";
import type { AuditEntry, SessionId, Store } from "latchkey";
import { type Step, step } from "./step.ts";

const who = fc.constantFrom("ann", "bob", "Cho");
const email = fc.option(fc.constantFrom("ann@example.test", "bob@example.test"));
const name = fc.constantFrom(null, "Änn_", "100%", "b\\b");
const roles = fc.uniqueArray(fc.constantFrom("admin", "owner", "editor"));
const status = fc.constantFrom<"active" | "banned">("active", "banned");
const keepOneOf = fc.option(fc.constantFrom<string[]>([], ["admin"], ["admin", "owner"]), { nil: undefined });
const until = fc.constantFrom(null, 1_800_000_001_000, 1_800_000_020_000);
const session = fc.integer({ min: 1, max: 8 }).map((n) => `session-${n}` as SessionId);
const client = fc.constantFrom("web", "mobile");
const key = fc.constantFrom(null, "a", "b");
const limit = fc.option(
  fc.record({ max: fc.nat(3), onLimit: fc.constantFrom<"evict" | "refuse">("evict", "refuse") }),
);
const origin = { actorId: null, sessionId: null, client: null, ip: null, userAgent: null, detail: {} };
const audit = who.map((userId) => ({ ...origin, type: "user_updated" as const, userId }));
const optional = <T>(it: fc.Arbitrary<T>) => fc.option(it, { nil: undefined });

const open = step(
  "openSession",
  [session, who, limit, fc.option(session), fc.option(fc.constantFrom(10, 40)), client],
  async (store, id, userId, limit, replaces, idleTimeout, client) => {
    const { session, user } = await store.readSession(id, userId);
    if (session !== undefined || user === undefined) return "taken";
    const device = { client, amr: ["pwd"], ip: null, userAgent: null, tokenHash: null };
    const wanted = { ...device, id, expiresIn: 60, idleTimeout, refreshSalt: "salt" };
    const entry = { ...origin, type: "signed_in", userId } as const;
    return store.openSession({ user, session: wanted, replaces, limit, audit: entry });
  },
);

const refresh = step(
  "refreshSession",
  [session, fc.integer({ min: -2, max: 1 }), key, client, fc.constantFrom(0, 0, 0, 1)],
  async (store, id, offset, rotationKey, client, epoch) => {
    const { session } = await store.readSession(id);
    const generation = (session?.generation ?? 0) + offset;
    const token = { id, generation, epoch: (session?.epoch ?? 0) - epoch, client, grace: 1000 };
    const entry = { ...origin, type: "signed_in", userId: session?.userId ?? null } as const;
    return store.refreshSession({ ...token, rotationKey, audit: entry });
  },
);

const rotate = step(
  "rotateKey",
  [fc.nat(), fc.constantFrom("access", "refresh"), fc.nat(2000), fc.nat(5000), fc.nat(3).map((n) => n === 0)],
  async (store, n, purpose, activatesIn, overlap, compromised) => {
    const key = { id: `key-${n}`, purpose, algorithm: "EdDSA", sealed: "sealed", publicJwk: null } as const;
    const entry = { ...origin, type: "keys_rotated", userId: null } as const;
    return store.rotateKey({ key, activatesIn, overlap, compromised, audit: entry });
  },
);

const query = fc.record({
  search: optional(fc.constantFrom("", "ANN", "änn", "%", "_", "\\", "bob", "cho", "example")),
  role: optional(fc.constantFrom("admin", "editor")),
  status: optional(status),
  after: optional(who),
  limit: fc.integer({ min: -1, max: 3 }),
});

/** The record that was read before the application's table was: none asked for, none there, this one, an older one. */
const from = fc.constantFrom("unasked", "none", "newest", "older");

async function syncUser(
  store: Store,
  id: string,
  email: string | null,
  name: string | null,
  roles: readonly string[] | undefined,
  status: "active" | "banned" | undefined,
  audit: AuditEntry | undefined,
  from: string,
): Promise<unknown> {
  const user = { id, email, name, roles, status };
  if (from === "unasked") return store.syncUser(user, { audit });
  const found = (from === "none" ? undefined : await store.findUser({ id })) ?? null;
  const older = found && from === "older" ? { ...found, version: found.version - 1 } : found;
  return store.syncUser(user, { audit, from: older });
}

/** Every method that takes or writes what others do not, with so few names that the steps meet. */
export const accountStep: fc.Arbitrary<Step> = fc.oneof(
  step("syncUser", [who, email, name, optional(roles), optional(status), audit, from], syncUser),
  step("updateUser", [who, name, audit], (store, id, name, audit) =>
    store.updateUser(id, { name }, { audit }),
  ),
  step("setRoles", [who, roles, keepOneOf, audit], (store, id, roles, keepOneOf, audit) =>
    store.setRoles(id, roles, { keepOneOf, audit }),
  ),
  step(
    "banUser",
    [who, until, keepOneOf, optional(fc.nat(2)), audit],
    (store, id, until, keepOneOf, epoch, audit) =>
      store.banUser(id, { until, reason: "spam" }, { keepOneOf, epoch, audit }),
  ),
  step("unbanUser", [who, audit], (store, id, audit) => store.unbanUser(id, { audit })),
  step("deleteUser", [who, keepOneOf, optional(fc.nat(2)), audit], (store, id, keepOneOf, epoch, audit) =>
    store.deleteUser(id, { keepOneOf, epoch, audit }),
  ),
  ...[open, open, open, refresh, refresh, refresh, refresh, rotate],
  step("endSession", [session, optional(who), audit], (store, id, userId, audit) =>
    store.endSession(id, "revoked", { userId, audit }),
  ),
  step("endSessions", [who, audit], (store, id, audit) => store.endSessions(id, "revoked", { audit })),
  step("endOtherSessions", [who, fc.option(session), audit], (store, id, keep, audit) =>
    store.endOtherSessions(id, keep, "revoked", { audit }),
  ),
  step(
    "recordExchange",
    [session, who, fc.nat(3), fc.constantFrom("bank", "shop")],
    (store, sessionId, userId, userEpoch, audience) =>
      store.recordExchange({ sessionId, userId, userEpoch, audience }),
  ),
  step("touchSession", [session], (store, id) => store.touchSession(id, 0)),
  step("readSession", [session, who], (store, id, userId) => store.readSession(id, userId)),
  step("listUsers", [query], (store, query) => store.listUsers(query)),
  step("listAudit", [optional(who), optional(fc.nat(20))], (store, userId, before) =>
    store.listAudit({ userId, before, limit: 9 }),
  ),
  step("purgeSessions", [fc.nat(3000)], (store, age) => store.purgeSessions(age, 9)),
);

/** What either store holds in the end. */
export async function contents(store: Store): Promise<unknown> {
  const sessions = Array.from({ length: 8 }, (_, i) => store.readSession(`session-${i + 1}` as SessionId));
  const keys = await store.listKeys();
  return [keys, await store.listAudit({ limit: 99 }), await Promise.all(sessions)];
}
