import { equal } from "../stage/assert.ts";
import {
  aTokenHash,
  type ContractCase,
  isAccepted,
  makeUserIn,
  opening,
  raisedTo,
  signIn,
} from "../stage/scene.ts";

/** What the port says of changing a password. */
export const passwordCases: readonly ContractCase[] = [
  [
    "changePassword sets the hash, raises the epoch, renews the kept session and ends the others",
    async ({ store, clock }) => {
      const before = await makeUserIn(store);
      const kept = (await signIn(store, before)).session;
      const other = (await signIn(store, before)).session;
      const tokenHash = aTokenHash();
      const keep = { id: kept.id, tokenHash };
      const change = { userId: before.id, epoch: 0, passwordHash: "$new", keep, audit: null };
      const answer = await store.changePassword(change);
      const now = clock.read();
      const user = { ...before, passwordHash: "$new", epoch: now };
      const since = Math.floor((now - kept.createdAt) / 100);
      const session = { ...kept, tokenHash, epoch: since, userEpoch: now };
      equal(answer, { ok: true, user, session, globalEpoch: 0, keysVersion: 0, now, ended: 1 }, "the answer");
      const read = { session, user, globalEpoch: 0, keysVersion: 0, now };
      equal(await store.readSession(kept.id), read, "the kept session");
      const ended = (await store.readSession(other.id)).session;
      equal([ended?.endReason, ended?.epoch], ["password_changed", 1], "the other one");
      const late = await store.openSession(opening(before));
      equal(late, { ok: false, code: "conflict" }, "a sign-in with the old password");
    },
  ],
  [
    "changePassword without a session to keep ends them all",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      const change = { userId: user.id, epoch: 0, passwordHash: "$new", keep: null, audit: null };
      const answer = await store.changePassword(change);
      equal(answer.ok && [answer.session, answer.ended], [null, 1], "the answer");
      equal(isAccepted(await store.readSession(session.id)), false, "the session");
      equal((await store.findUser({ id: user.id }))?.passwordHash, "$new", "the hash");
    },
  ],
  [
    "changePassword of a password that is kept elsewhere does the same without a hash",
    async ({ store, clock }) => {
      const user = await makeUserIn(store, { passwordHash: null });
      const { session } = await signIn(store, user);
      const change = { userId: user.id, epoch: 0, passwordHash: null, keep: null, audit: null };
      const answer = await store.changePassword(change);
      const after = { ...user, epoch: raisedTo(clock) };
      equal(answer.ok && [answer.user, answer.ended], [after, 1], "the answer");
      equal(isAccepted(await store.readSession(session.id)), false, "the session");
    },
  ],
  [
    "changePassword refuses an unknown user, another epoch and a session that is not live or not the user's",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      const expired = (await signIn(store, user, { expiresIn: 1 })).session;
      const foreign = (await signIn(store, await makeUserIn(store))).session;
      clock.advance(1000);
      const change = (epoch: number, keep: { id: typeof session.id }, userId: string = user.id) =>
        store.changePassword({
          userId,
          epoch,
          passwordHash: "$new",
          keep: { id: keep.id, tokenHash: null },
          audit: null,
        });
      equal(await change(0, session, "nobody"), { ok: false, code: "user_not_found" }, "nobody");
      equal(await change(1, session), { ok: false, code: "conflict" }, "a higher epoch");
      equal(await change(0, expired), { ok: false, code: "session_ended" }, "an expired session");
      equal(await change(0, foreign), { ok: false, code: "session_ended" }, "another user's session");
      equal(await store.findUser({ id: user.id }), user, "the user");
      equal(await store.listSessions(user.id), [session], "the sessions");
      await store.banUser(user.id, { until: null, reason: null });
      equal(await change(0, session), { ok: false, code: "conflict" }, "checked before a ban");
    },
  ],
];
