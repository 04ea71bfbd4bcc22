import { equal, rejectsWith } from "../stage/assert.ts";
import {
  aSession,
  aSessionId,
  aUser,
  type ContractCase,
  isAccepted,
  makeUserIn,
  opening,
  signIn,
} from "../stage/scene.ts";

/** What the port says of signing in and up. */
export const signInCases: readonly ContractCase[] = [
  [
    "openSession makes the session by the store's clock and with the epochs of that moment",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      await store.endSessions(user.id, "revoked");
      await store.endEverything();
      const input = aSession({ expiresIn: 100, idleTimeout: 10, refreshSalt: "salt" });
      const { expiresIn, ...given } = input;
      const now = clock.read();
      const second = Math.floor(now / 1000) * 1000;
      const session = {
        ...given,
        userId: user.id,
        createdAt: second,
        authTime: second,
        lastSeenAt: now,
        expiresAt: second + expiresIn * 1000,
        data: {},
        epoch: 0,
        userEpoch: now,
        globalEpoch: now,
        version: 0,
        generation: 0,
        rotatedAt: now,
        rotationKey: null,
        endedAt: null,
        endReason: null,
        audiences: [],
      };
      const moment = { user: { ...user, epoch: now }, session, globalEpoch: now, keysVersion: 0, now };
      const opened = await store.openSession(opening({ id: user.id, epoch: now }, { session: input }));
      equal(opened, { ok: true, ...moment, evicted: [] }, "the answer");
      equal(await store.readSession(input.id), { ...moment, keysVersion: 0 }, "what is read");
    },
  ],
  [
    "openSession refuses who does not exist, is banned, or has another epoch than the one checked",
    async ({ store, clock }) => {
      const session = aSession();
      const open = (user: { id: string; epoch: number }) => store.openSession(opening(user, { session }));
      equal(await open({ id: "nobody", epoch: 0 }), { ok: false, code: "user_not_found" }, "nobody");
      const { id } = await makeUserIn(store);
      equal(await open({ id, epoch: 1 }), { ok: false, code: "conflict" }, "a higher epoch");
      const epoch = clock.read();
      await store.banUser(id, { until: epoch + 1000, reason: null });
      equal(await open({ id, epoch }), { ok: false, code: "user_banned" }, "during the ban");
      clock.advance(1000);
      equal(await open({ id, epoch: 0 }), { ok: false, code: "conflict" }, "checked before the ban");
      equal((await store.readSession(session.id)).session, undefined, "what the refusals left behind");
      equal((await open({ id, epoch })).ok, true, "checked after the ban");
    },
  ],
  [
    "openSession makes user and session in one step, or neither if another has the address",
    async ({ store }) => {
      const create = aUser({ email: "ann@example.test" });
      const opened = await signIn(store, { create });
      equal([opened.user.id, opened.session.userId], [create.id, create.id], "whose session it is");
      equal(await store.findUser({ email: "ann@example.test" }), opened.user, "the user");
      const second = { create: aUser({ email: "ann@example.test" }) };
      const session = aSession();
      const refused = await store.openSession(opening(second, { session, replaces: opened.session.id }));
      equal(refused, { ok: false, code: "email_taken" }, "the second");
      const left = await store.readSession(session.id, second.create.id);
      equal([left.session, left.user], [undefined, undefined], "what it left behind");
      equal(
        isAccepted(await store.readSession(opened.session.id)),
        true,
        "the session it would have replaced",
      );
    },
  ],
  [
    "openSession without a session writes no row, and shows the user's state all the same",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const opened = await store.openSession(opening(user, { session: null }));
      const moment = { user, session: null, globalEpoch: 0, keysVersion: 0, now: clock.read() };
      equal(opened, { ok: true, ...moment, evicted: [] }, "the answer");
      equal(await store.listSessions(user.id), [], "the sessions");
    },
  ],
  [
    "openSession ends a live session that it replaces, whoever's it is, if it is of the same client",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const bob = await makeUserIn(store);
      const before = (await signIn(store, ann)).session;
      const other = (await signIn(store, ann, { client: "mobile" })).session;
      await signIn(store, bob, {}, before.id);
      const ended = { ...before, epoch: 1, endedAt: clock.read(), endReason: "replaced" };
      equal((await store.readSession(before.id)).session, ended, "the one of the same client");
      await signIn(store, bob, {}, other.id);
      equal((await store.readSession(other.id)).session, other, "the one of another client");
      await signIn(store, bob, {}, aSessionId());
      clock.advance(1);
      await signIn(store, bob, {}, before.id);
      equal((await store.readSession(before.id)).session, ended, "one that had ended before");
    },
  ],
  [
    "openSession ends nothing if it refuses",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      const stale = { id: user.id, epoch: 7 };
      const refused = await store.openSession(opening(stale, { replaces: session.id }));
      equal(refused, { ok: false, code: "conflict" }, "the answer");
      equal((await store.readSession(session.id)).session, session, "the session");
    },
  ],
  [
    "an id that exists is a fault, and overwrites nothing",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      const again = store.openSession(opening(user, { session: aSession({ id: session.id }) }));
      await rejectsWith("cannot_tell", again, "the session's id");
      equal((await store.readSession(session.id)).session, session, "the session");
      await rejectsWith("cannot_tell", store.createUser(aUser({ id: user.id })), "the user's id");
      equal(await store.findUser({ id: user.id }), user, "the user");
      const create = aUser();
      const half = store.openSession({
        user: { create },
        session: aSession({ id: session.id }),
        replaces: null,
        limit: null,
        audit: null,
      });
      await rejectsWith("cannot_tell", half, "the id of a session for a new user");
      equal(await store.findUser({ id: create.id }), undefined, "the user of the half that could be done");
    },
  ],
];
