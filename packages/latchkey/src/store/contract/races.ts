import type { SessionId, SessionRecord, Store } from "../../types.ts";
import { aKey } from "./keys/first.ts";
import { equal, tally } from "./stage/assert.ts";
import { atOnce } from "./stage/at-once.ts";
import {
  aTokenHash,
  aUser,
  type ContractCase,
  isAccepted,
  makeUserIn,
  opening,
  signIn,
} from "./stage/scene.ts";

/** What two callers at once may see: one of the two orders, and nothing else. */
export const raceCases: readonly ContractCase[] = [
  [
    "of many who make a user with one address one wins",
    async ({ handles }) => {
      const make = (store: Store) => store.createUser(aUser({ email: "ann@example.test" }));
      equal(tally(await atOnce(50, handles, make)), { ok: 1, email_taken: 49 }, "the answers");
    },
  ],
  [
    "of many who sign up with one address one wins",
    async ({ handles }) => {
      const create = () => aUser({ email: "ann@example.test" });
      const signUp = (store: Store) => store.openSession(opening({ create: create() }));
      equal(tally(await atOnce(20, handles, signUp)), { ok: 1, email_taken: 19 }, "the answers");
    },
  ],
  [
    "of many who become the first administrator one does",
    async ({ handles }) => {
      const make = (store: Store) => store.createUser(aUser({ roles: ["admin"] }), { unlessRole: "admin" });
      equal(tally(await atOnce(20, handles, make)), { ok: 1, role_taken: 19 }, "the answers");
    },
  ],
  [
    "of many who add the first key one does",
    async ({ store, handles }) => {
      const add = (on: Store, i: number) => on.addFirstKey(aKey(`k${i}`, "session", "HS256"));
      const added = await atOnce(20, handles, add);
      equal(added.filter(Boolean).length, 1, "how many were told so");
      equal((await store.listKeys()).keys.length, 1, "how many keys there are");
    },
  ],
  [
    "of many who seal a key anew one does",
    async ({ store, handles }) => {
      await store.addFirstKey(aKey("k", "session", "HS256"));
      const sealed = await atOnce(20, handles, (on, i) => on.resealKey("k", "sealed k", `anew ${i}`));
      equal(sealed.filter(Boolean).length, 1, "how many were told so");
    },
  ],
  [
    "of many who update one version of the data one does",
    async ({ store, handles }) => {
      const { session } = await signIn(store, await makeUserIn(store));
      const answers = await atOnce(20, handles, (on, i) => on.updateSession(session.id, 0, { i }));
      equal(tally(answers), { ok: 1, conflict: 19 }, "the answers");
      equal((await store.readSession(session.id)).session?.version, 1, "the version");
    },
  ],
  [
    "of many who end one session one does",
    async ({ store, handles }) => {
      const { session } = await signIn(store, await makeUserIn(store));
      const ended = await atOnce(20, handles, (on) => on.endSession(session.id, "revoked"));
      equal(ended.filter(Boolean).length, 1, "how many were told so");
      equal((await store.readSession(session.id)).session?.epoch, 1, "the session's epoch");
    },
  ],
  [
    "a sign-in cannot slip past a ban",
    async ({ store, handles }) => {
      const user = await makeUserIn(store);
      const ban = () => store.banUser(user.id, { until: null, reason: null });
      const answers = await atOnce(200, handles, async (on, i) =>
        i === 100 ? ban() : on.openSession(opening(user)),
      );
      equal(await store.listSessions(user.id), [], "what is live when all have answered");
      await store.unbanUser(user.id);
      for (const answer of answers) {
        if (answer.ok && "session" in answer) await expectRefused(store, answer.session);
      }
    },
  ],
  [
    "a session that is ended stays so, whoever else writes it at that moment",
    async ({ store, handles }) => {
      const user = await makeUserIn(store);
      for (let round = 0; round < 500; round++) {
        const { session } = await signIn(store, user);
        const writers = [
          (on: Store) => on.updateSession(session.id, 0, { round }),
          (on: Store) => on.endSession(session.id, "signed_out"),
          (on: Store) => on.touchSession(session.id, -1),
          (on: Store) => on.updateSession(session.id, 1, { late: true }),
        ];
        const answers = await atOnce(4, handles, async (on, i) => writers[(i + round) % 4]?.(on));
        equal(answers.filter((it) => it === true).length >= 1, true, "that it was ended");
        await expectRefused(store, session);
      }
    },
  ],
  [
    "of many who change the password one does, and a sign-in with the old one does not outlive it",
    async ({ store, handles }) => {
      const user = await makeUserIn(store);
      const kept = (await signIn(store, user)).session;
      const change = (on: Store, i: number) => {
        const keep = { id: kept.id, tokenHash: aTokenHash() };
        return on.changePassword({
          userId: user.id,
          epoch: user.epoch,
          passwordHash: `$${i}`,
          keep,
          audit: null,
        });
      };
      const open = (on: Store) => on.openSession(opening(user));
      const answers = await atOnce(40, handles, async (on, i) => (i % 4 === 2 ? change(on, i) : open(on)));
      const changes = answers.filter((_, i) => i % 4 === 2);
      equal(tally(changes), { ok: 1, conflict: 9 }, "the changes");
      const live = await store.listSessions(user.id);
      equal(
        live.map(({ id }) => id),
        [kept.id],
        "what is live",
      );
    },
  ],
  [
    "of many sessions that end all others at once exactly one stays",
    async ({ store, handles }) => {
      for (let round = 0; round < 50; round++) {
        const user = await makeUserIn(store);
        const sessions: SessionId[] = [];
        for (let i = 0; i < 4; i++) sessions.push((await signIn(store, user)).session.id);
        const answers = await atOnce(4, handles, (on, i) =>
          on.endOtherSessions(user.id, sessions[(i + round) % 4] ?? null, "revoked"),
        );
        equal(tally(answers), { ok: 1, session_ended: 3 }, "the answers");
        const kept = sessions[(answers.findIndex(({ ok }) => ok) + round) % 4];
        equal(
          (await store.listSessions(user.id)).map(({ id }) => id),
          [kept],
          "what is live",
        );
      }
    },
  ],
  [
    "a sign-in cannot slip past the end of all the user's sessions",
    async ({ store, handles }) => {
      const user = await makeUserIn(store);
      await atOnce<unknown>(60, handles, (on, i) =>
        i === 30 ? on.endSessions(user.id, "revoked") : on.openSession(opening(user)),
      );
      equal(await store.listSessions(user.id), [], "what is live");
    },
  ],
];

async function expectRefused(store: Store, session: SessionRecord | null): Promise<void> {
  if (session !== null)
    equal(isAccepted(await store.readSession(session.id)), false, "whether it is accepted");
}
