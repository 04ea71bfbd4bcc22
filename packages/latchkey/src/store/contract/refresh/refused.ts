import { equal } from "../stage/assert.ts";
import { aSessionId, type ContractCase, signIn } from "../stage/scene.ts";
import { grace, refreshable, seen, token } from "./present.ts";

/** What the port says of refreshes that are refused, or that prove a theft. */
export const refusedCases: readonly ContractCase[] = [
  [
    "refreshSession refuses what is not live, and writes nothing",
    async ({ store, clock }) => {
      const unknown = { id: aSessionId(), client: "web", userId: "nobody", epoch: 0 };
      equal(seen(await store.refreshSession(token(unknown, 0))), "session_ended", "no session");
      const { session: ended } = await refreshable(store);
      const { session: expired } = await refreshable(store, { expiresIn: 10 });
      const { session: idle } = await refreshable(store, { idleTimeout: 10 });
      const { session: older } = await refreshable(store);
      await store.endSession(ended.id, "signed_out");
      clock.advance(10_000);
      const codes = ["session_ended", "session_expired", "session_expired"];
      for (const [i, session] of [ended, expired, idle].entries()) {
        const before = await store.readSession(session.id);
        equal(seen(await store.refreshSession(token(session, 0))), codes[i], "one that is not live");
        equal(await store.readSession(session.id), before, "the session");
      }
      await store.endEverything();
      equal(seen(await store.refreshSession(token(older, 0))), "session_ended", "of a lower epoch");
      equal(seen(await store.refreshSession(token(idle, 0))), "session_ended", "expired as well");
      equal(await store.listAudit({ limit: 9 }), [], "the audit log");
    },
  ],
  [
    "refreshSession answers another client credential_invalid, and nothing else happens",
    async ({ store, clock }) => {
      const { session } = await refreshable(store);
      clock.advance(grace);
      await store.refreshSession(token(session, 0));
      clock.advance(grace);
      const before = await store.readSession(session.id);
      for (const generation of [0, 1, 9]) {
        const foreign = { ...token(session, generation), client: "mobile" };
        equal(seen(await store.refreshSession(foreign)), "credential_invalid", `generation ${generation}`);
      }
      equal(await store.readSession(session.id), before, "the session");
      equal(await store.listAudit({ limit: 9 }), [], "the audit log");
    },
  ],
  [
    "refreshSession answers a token from before the renewal credential_renewed, and nothing else happens",
    async ({ store, clock }) => {
      const { user, session } = await refreshable(store);
      clock.advance(grace);
      await store.refreshSession(token(session, 0, "key"));
      const keep = { id: session.id, tokenHash: null };
      const change = { userId: user.id, epoch: 0, passwordHash: "$new", keep, audit: null };
      await store.changePassword(change);
      clock.advance(grace);
      const before = await store.readSession(session.id);
      for (const generation of [0, 1, 9]) {
        const answer = await store.refreshSession(token(session, generation, "key"));
        equal(seen(answer), "credential_renewed", `generation ${generation}`);
      }
      equal(await store.readSession(session.id), before, "the session");
      equal(await store.listAudit({ limit: 9 }), [], "the audit log");
      const renewed = before.session ?? session;
      equal(seen(await store.refreshSession(token(renewed, 1))), "rotated 2", "a token from after it");
    },
  ],
  [
    "a ban, a deletion and a password change end every refresh, and nothing lifts that",
    async ({ store }) => {
      const { user: banned, session: ofBanned } = await refreshable(store);
      const { user: deleted, session: ofDeleted } = await refreshable(store);
      const { user, session } = await refreshable(store);
      await store.banUser(banned.id, { until: null, reason: null });
      equal(seen(await store.refreshSession(token(ofBanned, 0))), "session_ended", "banned");
      await store.unbanUser(banned.id);
      equal(seen(await store.refreshSession(token(ofBanned, 1))), "session_ended", "no longer banned");
      await store.deleteUser(deleted.id);
      equal(seen(await store.refreshSession(token(ofDeleted, 0))), "session_ended", "deleted");
      const change = { userId: user.id, epoch: 0, passwordHash: "$new", keep: null, audit: null };
      await store.changePassword(change);
      equal(seen(await store.refreshSession(token(session, 0))), "session_ended", "another password");
    },
  ],
  [
    "the parent after the window, with another key or none, is refresh_reused: the session ends",
    async ({ store, clock }) => {
      const remembered = [null, "key", "key"];
      for (const [i, key] of [null, null, "another"].entries()) {
        const { session } = await refreshable(store);
        clock.advance(grace);
        await store.refreshSession(token(session, 0, remembered[i]));
        clock.advance(grace);
        const before = (await store.readSession(session.id)).session;
        equal(seen(await store.refreshSession(token(session, 0, key))), "refresh_reused", "the answer");
        const ended = { ...before, epoch: 1, endedAt: clock.read(), endReason: "refresh_reused" };
        equal((await store.readSession(session.id)).session, ended, "the session");
      }
    },
  ],
  [
    "anything older than the parent is refresh_reused, within the window too; the user's others live on",
    async ({ store, clock }) => {
      const { user, session } = await refreshable(store);
      const { session: other } = await signIn(store, user);
      for (const generation of [0, 1]) {
        clock.advance(grace);
        await store.refreshSession(token(session, generation, "key"));
      }
      const stolen = token(session, 0, "key");
      const audit = { ...stolen.audit, type: "signed_in" } as const;
      equal(seen(await store.refreshSession({ ...stolen, audit })), "refresh_reused", "the grandparent");
      equal(seen(await store.refreshSession(token(session, 2))), "session_ended", "the newest, then");
      equal(seen(await store.refreshSession(token(session, 3))), "session_ended", "a higher one, then");
      equal(seen(await store.refreshSession(token(session, 0))), "session_ended", "the same again");
      equal(await store.listSessions(user.id), [other], "what is live");
      equal(await store.findUser({ id: user.id }), user, "the user");
      const written = { ...token(session, 0).audit, id: 1, at: clock.read() };
      equal(await store.listAudit({ limit: 9 }), [written], "the audit log");
    },
  ],
];
