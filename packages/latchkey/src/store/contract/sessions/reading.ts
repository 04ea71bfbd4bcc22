import { equal } from "../stage/assert.ts";
import { aSessionId, type ContractCase, isAccepted, makeUserIn, signIn } from "../stage/scene.ts";

/** What the port says of reading, touching and updating sessions. */
export const readingCases: readonly ContractCase[] = [
  [
    "readSession shows the session's user, else the user asked for",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const bob = await makeUserIn(store);
      const { session } = await signIn(store, ann);
      const now = clock.read();
      const own = { session, user: ann, globalEpoch: 0, keysVersion: 0, now };
      equal(await store.readSession(session.id), own, "the session's user");
      equal(await store.readSession(session.id, bob.id), own, "another user asked for");
      const none = { session: undefined, globalEpoch: 0, keysVersion: 0, now };
      equal(await store.readSession(aSessionId(), bob.id), { ...none, user: bob }, "no session, but a user");
      equal(await store.readSession(aSessionId()), { ...none, user: undefined }, "neither");
      equal(await store.readSession(aSessionId(), "nobody"), { ...none, user: undefined }, "nobody");
    },
  ],
  [
    "listSessions gives the user's live sessions, newest first",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const first = (await signIn(store, ann)).session;
      clock.advance(1000);
      const second = (await signIn(store, ann, { expiresIn: 10 })).session;
      clock.advance(1000);
      const third = (await signIn(store, ann, { idleTimeout: 20 })).session;
      await signIn(store, await makeUserIn(store));
      equal(await store.listSessions(ann.id), [third, second, first], "all three");
      equal(await store.listSessions(ann.id, 2), [third, second], "two of them");
      equal(await store.listSessions(ann.id, 9), [third, second, first], "as many as there are");
      clock.advance(second.expiresAt - clock.read());
      equal(await store.listSessions(ann.id), [third, first], "at the end of the second");
      clock.advance(third.lastSeenAt + 20_000 - clock.read());
      equal(await store.listSessions(ann.id), [first], "after the third lay idle");
      await store.endSession(first.id, "signed_out");
      equal(await store.listSessions(ann.id), [], "after the first was ended");
      equal(await store.listSessions("nobody"), [], "of nobody");
    },
  ],
  [
    "touchSession writes lastSeenAt if it is older than minAge, and keeps the session from lying idle",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user, { idleTimeout: 90, expiresIn: 200 });
      clock.advance(60_000);
      equal(await store.touchSession(session.id, 60_000), false, "just as old as minAge");
      clock.advance(1);
      equal(await store.touchSession(session.id, 60_000), true, "older");
      const seen = { ...session, lastSeenAt: clock.read() };
      equal((await store.readSession(session.id)).session, seen, "what it wrote");
      equal(await store.touchSession(session.id, 60_000), false, "at once again");
      clock.advance(89_999);
      equal(isAccepted(await store.readSession(session.id)), true, "before the new idle limit");
      equal(await store.touchSession(session.id, 60_000), true, "before the new idle limit");
      clock.advance(session.expiresAt - clock.read());
      equal(await store.touchSession(session.id, 0), false, "past the absolute end");
      equal(await store.touchSession(aSessionId(), 0), false, "no session");
    },
  ],
  [
    "updateSession replaces data at the version that was read, and raises it",
    async ({ store }) => {
      const { session } = await signIn(store, await makeUserIn(store));
      const changed = { ...session, data: { cart: [1, { of: "x" }] }, version: 1 };
      const answer = await store.updateSession(session.id, 0, { cart: [1, { of: "x" }] });
      equal(answer, { ok: true, session: changed }, "the answer");
      equal((await store.readSession(session.id)).session, changed, "what is kept");
      const conflict = { ok: false, code: "conflict" };
      equal(await store.updateSession(session.id, 0, {}), conflict, "an old version");
      equal(await store.updateSession(session.id, 2, {}), conflict, "a version to come");
      equal((await store.readSession(session.id)).session, changed, "what the refusals changed");
    },
  ],
  [
    "what has ended or expired is neither updated nor touched nor ended again",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const ended = (await signIn(store, user)).session;
      const expired = (await signIn(store, user, { expiresIn: 10 })).session;
      const idle = (await signIn(store, user, { idleTimeout: 5 })).session;
      await store.endSession(ended.id, "signed_out");
      clock.advance(10_000);
      for (const { id } of [ended, expired, idle, { id: aSessionId() }]) {
        const before = await store.readSession(id);
        equal(await store.updateSession(id, 0, {}), { ok: false, code: "session_ended" }, "an update");
        equal(await store.touchSession(id, 0), false, "a touch");
        equal(await store.endSession(id, "revoked"), false, "an end");
        equal(await store.readSession(id), before, "the session");
      }
      equal(await store.endSessions(user.id, "revoked"), 0, "how many all together");
    },
  ],
  [
    "data comes back as it was given, whatever its members are called",
    async ({ store }) => {
      const { session } = await signIn(store, await makeUserIn(store));
      const text =
        '{"__proto__":{"admin":true},"constructor":1,"a\\u0000b":"\\ud800 é 💶","":[null,-1.5e-7,{}],"n":{}}';
      const data = JSON.parse(text);
      const updated = await store.updateSession(session.id, 0, data);
      equal(updated.ok && updated.session.data, JSON.parse(text), "the answer");
      const read = (await store.readSession(session.id)).session?.data ?? {};
      equal(read, JSON.parse(text), "what is read");
      equal(Object.hasOwn(read, "__proto__"), true, "an own member of that name");
      equal(Object.getPrototypeOf(read), Object.prototype, "its prototype");
      equal(Reflect.get({}, "admin"), undefined, "everybody's prototype");
    },
  ],
  [
    "records are the caller's: changing one changes nothing in the store",
    async ({ store }) => {
      const roles = ["editor"];
      const data = { list: [1] };
      const user = await makeUserIn(store, { roles });
      const { session } = await signIn(store, user);
      const [id, userId] = [session.id, user.id];
      const updated = await store.updateSession(id, 0, data);
      roles.push("admin");
      data.list.push(2);
      const read = await store.readSession(id);
      for (const record of [user, session, updated, read, await store.findUser({ id: userId })])
        spoil(record);
      const now = await store.readSession(id);
      equal([now.user?.roles, now.session?.data], [["editor"], { list: [1] }], "what the store holds");
      equal([now.user?.id, now.session?.endedAt], [userId, null], "what the store holds");
    },
  ],
];

/** Overwrites all that can be overwritten; a frozen record says no, which is as good. */
function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const member of Object.values(value)) spoil(member);
  if (Array.isArray(value) && !Object.isFrozen(value)) value.push("admin");
  for (const name of Object.keys(value)) Reflect.set(value, name, "spoiled");
}
