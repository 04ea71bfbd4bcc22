import fc from "fast-check";
import type { SessionId, Store } from "latchkey";
import { aSession, aUser, unlimited } from "../people.ts";
import { type Step, step } from "./step.ts";

type EndReason = Parameters<Store["endSession"]>[1];

const names = ["ann", "bob", "cho"] as const;
const who = fc.constantFrom(...names);
const email = fc.constantFrom(...names, null).map((name) => name && `${name}@example.test`);
const role = fc.constantFrom("admin", "editor", '"%_\\');
const epoch = fc.nat(3);
const sid = fc.integer({ min: 1, max: 12 }).map((n) => `session-${n}` as SessionId);
const maybeSid = fc.option(sid);
const reason = fc.constantFrom<EndReason>("revoked", "signed_out");
const time = fc.constantFrom(1_800_000_000_000, 1_800_000_020_000, 1_800_000_900_000);
const name = fc.option(fc.string().map((it) => it.replaceAll("\0", "")));
const user = fc.record({ id: who, email, roles: fc.uniqueArray(role), name }).map(aUser);
const session = fc
  .record({
    id: sid,
    client: fc.constantFrom("web", "mobile"),
    expiresIn: fc.constantFrom(5, 60, 4000),
    idleTimeout: fc.constantFrom(null, 10, 100),
  })
  .map(aSession);

const signIn = step(
  "openSession",
  [who, epoch, fc.option(session, { freq: 9 }), maybeSid],
  async (store, id, epoch, session, replaces) =>
    (await isTaken(store, {}, session)) ??
    store.openSession({ user: { id, epoch }, session, replaces, ...unlimited }),
);

/** Every method of users and sessions, with so few names that the steps meet. */
export const sessionStep: fc.Arbitrary<Step> = fc.oneof(
  step("createUser", [user, fc.option(role)], async (store, it, unless) => {
    const options = unless === null ? {} : { unlessRole: unless };
    return (await isTaken(store, it, null)) ?? store.createUser(it, options);
  }),
  step("findUser", [email], (store, it) => store.findUser(it === null ? { id: "ann" } : { email: it })),
  step("hasRole", [role], (store, it) => store.hasRole(it)),
  step("updateUser", [who], (store, id) => store.updateUser(id, { name: "new" })),
  step("setRoles", [who, fc.array(role)], (store, id, roles) => store.setRoles(id, roles)),
  step("banUser", [who, fc.option(time)], (store, id, until) => store.banUser(id, { until, reason: "x" })),
  step("unbanUser", [who], (store, id) => store.unbanUser(id)),
  step("deleteUser", [who], (store, id) => store.deleteUser(id)),
  step("changePassword", [who, epoch, maybeSid], (store, userId, epoch, id) => {
    const keep = id === null ? null : { id, tokenHash: null };
    return store.changePassword({ userId, epoch, passwordHash: "$new", keep, audit: null });
  }),
  signIn,
  signIn,
  signIn,
  step("openSession", [user, session, maybeSid], async (store, create, session, replaces) => {
    const input = { user: { create }, session, replaces, ...unlimited };
    return (await isTaken(store, create, session)) ?? store.openSession(input);
  }),
  step("readSession", [sid, who], (store, id, userId) => store.readSession(id, userId)),
  step("listSessions", [who, fc.option(fc.nat(3), { nil: undefined })], (store, id, limit) =>
    store.listSessions(id, limit),
  ),
  step("touchSession", [sid, fc.constantFrom(0, 5000)], (store, id, age) => store.touchSession(id, age)),
  step("updateSession", [sid, fc.nat(2), fc.dictionary(fc.string(), fc.jsonValue())], (store, ...input) =>
    store.updateSession(...input),
  ),
  step("endSession", [sid, reason, fc.option(who, { nil: undefined })], (store, id, why, userId) =>
    store.endSession(id, why, { userId }),
  ),
  step("endSessions", [who, reason], (store, userId, why) => store.endSessions(userId, why)),
  step("endOtherSessions", [who, reason, maybeSid], (store, userId, why, keep) =>
    store.endOtherSessions(userId, keep, why),
  ),
  step("endEverything", [], (store) => store.endEverything()),
  step("purgeSessions", [fc.constantFrom(-1e6, 0, 60_000)], (store, age) => store.purgeSessions(age, 1000)),
);

/** Ids are random and never come twice; which fault is told first if one does is not said. */
async function isTaken(store: Store, user: { id?: string }, session: { id: SessionId } | null) {
  const read = await store.readSession(session?.id ?? ("none" as SessionId), user.id);
  const isNew = session === null || read.session === undefined;
  return isNew && (user.id === undefined || read.user === undefined) ? undefined : "taken";
}
