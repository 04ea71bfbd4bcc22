import { equal } from "../stage/assert.ts";
import {
  aSessionId,
  type ContractCase,
  isAccepted,
  makeUserIn,
  opening,
  raisedTo,
  signIn,
} from "../stage/scene.ts";

/** What the port says of ending sessions and of forgetting them. */
export const endingCases: readonly ContractCase[] = [
  [
    "endSession ends one live session, of the user given, and raises its epoch",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      const other = (await signIn(store, user)).session;
      equal(await store.endSession(session.id, "revoked", { userId: "somebody" }), false, "as another user");
      equal((await store.readSession(session.id)).session, session, "then");
      equal(await store.endSession(session.id, "revoked", { userId: user.id }), true, "as its user");
      const ended = { ...session, epoch: 1, endedAt: clock.read(), endReason: "revoked" };
      equal((await store.readSession(session.id)).session, ended, "then");
      clock.advance(1);
      equal(await store.endSession(session.id, "signed_out"), false, "again");
      equal((await store.readSession(session.id)).session, ended, "and it stays as it ended");
      equal(await store.listSessions(user.id), [other], "the other session");
      equal((await store.findUser({ id: user.id }))?.epoch, 0, "the user's epoch");
    },
  ],
  [
    "endSessions ends the user's live sessions and raises the user's epoch",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const bob = await makeUserIn(store);
      const { session } = await signIn(store, ann);
      await signIn(store, ann);
      const bobs = (await signIn(store, bob)).session;
      equal(await store.endSessions(ann.id, "revoked"), 2, "how many");
      const read = await store.readSession(session.id);
      const found = [read.session?.endReason, read.session?.epoch, read.user?.epoch];
      equal(found, ["revoked", 1, raisedTo(clock)], "after it");
      equal(await store.listSessions(bob.id), [bobs], "another user's");
      equal(await store.endSessions(ann.id, "revoked"), 0, "a second time");
      equal(
        (await store.findUser({ id: ann.id }))?.epoch,
        raisedTo(clock, 2),
        "the epoch, which rises again",
      );
      equal(await store.endSessions("nobody", "revoked"), 0, "nobody's");
      const late = await store.openSession(opening(ann));
      equal(late, { ok: false, code: "conflict" }, "a sign-in that was checked before");
    },
  ],
  [
    "endOtherSessions keeps that one and the user's epoch",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const kept = (await signIn(store, user)).session;
      const other = (await signIn(store, user, { client: "mobile" })).session;
      const bobs = (await signIn(store, await makeUserIn(store))).session;
      equal(await store.endOtherSessions(user.id, kept.id, "revoked"), { ok: true, ended: 1 }, "how many");
      equal(await store.listSessions(user.id), [kept], "what is left");
      const ended = (await store.readSession(other.id)).session;
      equal([ended?.endReason, ended?.epoch], ["revoked", 1], "the other");
      equal(await store.findUser({ id: user.id }), user, "the user");
      equal(await store.endOtherSessions(user.id, kept.id, "revoked"), { ok: true, ended: 0 }, "again");
      equal(await store.endOtherSessions(user.id, null, "revoked"), { ok: true, ended: 1 }, "keeping none");
      equal(await store.findUser({ id: user.id }), user, "the user then");
      equal((await store.readSession(bobs.id)).session, bobs, "another user's");
    },
  ],
  [
    "endOtherSessions does nothing for a session that is not live or not the user's",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const ended = (await signIn(store, user)).session;
      const expired = (await signIn(store, user, { expiresIn: 1 })).session;
      const bob = await makeUserIn(store);
      const bobs = (await signIn(store, bob)).session;
      await store.endSession(ended.id, "signed_out");
      clock.advance(1000);
      const live = (await signIn(store, user)).session;
      const refused = { ok: false, code: "session_ended" };
      for (const id of [ended.id, expired.id, bobs.id, aSessionId()])
        equal(await store.endOtherSessions(user.id, id, "revoked"), refused, "the answer");
      equal(await store.endOtherSessions("nobody", live.id, "revoked"), refused, "for nobody");
      equal(await store.listSessions(user.id), [live], "what is live");
      equal(await store.listSessions(bob.id), [bobs], "another user's");
    },
  ],
  [
    "what has ended, or lay idle when all ended, stays out even if the clock goes back",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const ended = (await signIn(store, user)).session;
      await store.endSession(ended.id, "signed_out");
      clock.advance(-1000);
      equal(await store.endSession(ended.id, "revoked"), false, "an end of what has ended");
      equal(
        await store.updateSession(ended.id, 0, {}),
        { ok: false, code: "session_ended" },
        "an update of it",
      );
      const { session } = await signIn(store, user, { idleTimeout: 10 });
      clock.advance(20_000);
      equal(await store.endSessions(user.id, "revoked"), 0, "how many were live");
      clock.advance(-15_000);
      equal(await store.listSessions(user.id), [], "the list");
      equal(await store.touchSession(session.id, 0), false, "a touch");
      equal(isAccepted(await store.readSession(session.id)), false, "whether it is accepted");
    },
  ],
  [
    "endEverything refuses what was issued before and nothing issued after",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      await store.endEverything();
      const read = await store.readSession(session.id);
      equal([read.globalEpoch, isAccepted(read)], [raisedTo(clock), false], "the session from before");
      equal(await store.listSessions(user.id), [], "the list");
      equal(await store.touchSession(session.id, -1), false, "a touch");
      equal(await store.updateSession(session.id, 0, {}), { ok: false, code: "session_ended" }, "an update");
      equal(await store.endSession(session.id, "signed_out"), false, "an end");
      equal(
        isAccepted(await store.readSession((await signIn(store, user)).session.id)),
        true,
        "one from after",
      );
    },
  ],
  [
    "purgeSessions deletes what ended or expired more than age ago, up to the limit, and nothing live",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const ended = (await signIn(store, user)).session;
      const expired = (await signIn(store, user, { expiresIn: 10 })).session;
      const idle = (await signIn(store, user, { idleTimeout: 10 })).session;
      const live = (await signIn(store, user)).session;
      await store.endSession(ended.id, "signed_out");
      clock.advance(11_000);
      equal(await store.purgeSessions(11_000, 9), 0, "while all are younger");
      equal(await store.purgeSessions(2_000, 9), 1, "of the ended one");
      equal((await store.readSession(ended.id)).session, undefined, "the ended one");
      equal((await store.readSession(idle.id)).session, idle, "the idle one");
      clock.advance(100_000);
      equal(await store.purgeSessions(0, 1), 1, "with a limit");
      equal(await store.purgeSessions(0, 9), 1, "the rest");
      const left = [await store.readSession(expired.id), await store.readSession(idle.id)];
      equal(
        left.map(({ session }) => session),
        [undefined, undefined],
        "the expired ones",
      );
      equal(await store.purgeSessions(-1e15, 9), 0, "of a negative age");
      equal(await store.listSessions(user.id), [live], "what is live");
    },
  ],
];
