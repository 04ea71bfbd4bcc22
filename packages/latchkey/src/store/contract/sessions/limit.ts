import { wholeSecond } from "../../../lib/clock.ts";
import type { OpenSession, SessionId, SessionLimit, Store } from "../../../types.ts";
import type { Answer } from "../../records.ts";
import { codeOf, equal } from "../stage/assert.ts";
import {
  aSession,
  aSessionId,
  aUser,
  type ContractCase,
  makeUserIn,
  opening,
  signIn,
} from "../stage/scene.ts";

const evict = (max: number): SessionLimit => ({ max, onLimit: "evict" });
const refuse = (max: number): SessionLimit => ({ max, onLimit: "refuse" });

/** What the port says of how many live sessions a user may have. */
export const limitCases: readonly ContractCase[] = [
  [
    "a limit that evicts ends the oldest sessions, over all clients, until there is room",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const sessions = [];
      for (const client of ["web", "mobile", "web", "tv"]) {
        sessions.push((await signIn(store, user, { client })).session);
        clock.advance(1000);
      }
      const [first, second, third, fourth] = sessions;
      const now = clock.read();
      const opened = await store.openSession(opening(user, { limit: evict(5) }));
      equal(evictedBy(opened), [], "while there is room");
      const session = aSession();
      const full = await store.openSession(opening(user, { session, limit: evict(3) }));
      equal(evictedBy(full), [first?.id, second?.id, third?.id], "who made room, oldest first");
      const ended = { ...first, epoch: 1, endedAt: now, endReason: "evicted" };
      equal(first && (await store.readSession(first.id)).session, ended, "the oldest");
      const left = [idOf(opened), session.id, fourth?.id].sort();
      equal(await liveOf(store, user.id), left, "what is live");
      equal((await store.findUser({ id: user.id }))?.epoch, 0, "the user's epoch");
    },
  ],
  [
    "of sessions of one second the older one is evicted first and listed last, to the millisecond",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      // Falling ids, so that their order is not that of age.
      const ids = Array.from({ length: 5 }, aSessionId).sort().reverse();
      for (const id of ids) {
        await signIn(store, user, { id });
        clock.advance(1);
      }
      const listed = await store.listSessions(user.id);
      equal(
        listed.map(({ id }) => id),
        [...ids].reverse(),
        "the list",
      );
      const createdAt = listed.map((session) => session.createdAt);
      equal(createdAt, createdAt.map(wholeSecond), "what the sessions show");
      const opened = await store.openSession(opening(user, { limit: evict(3) }));
      equal(evictedBy(opened), ids.slice(0, 3), "who made room");
    },
  ],
  [
    "of sessions of one millisecond the one of the lowest id is evicted first",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const ids: SessionId[] = [];
      for (let i = 0; i < 4; i++) ids.push((await signIn(store, user)).session.id);
      const opened = await store.openSession(opening(user, { limit: evict(3) }));
      equal(evictedBy(opened), ids.sort().slice(0, 2), "who made room");
    },
  ],
  [
    "a limit that refuses leaves everything as it was",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user, { client: "mobile" });
      const other = (await signIn(store, user)).session;
      const foreign = (await signIn(store, await makeUserIn(store))).session;
      // It would replace another user's session: that makes no room for this one.
      const input = opening(user, { limit: refuse(2), replaces: foreign.id, audit: null });
      equal(await store.openSession(input), { ok: false, code: "session_limit" }, "the answer");
      equal(await liveOf(store, user.id), [session.id, other.id].sort(), "what is live");
      equal((await store.readSession(foreign.id)).session, foreign, "the one it would have replaced");
      equal(codeOf(await store.openSession(opening(user, { limit: refuse(3) }))), "ok", "with more room");
      const create = aUser({ email: "ann@example.test" });
      const nobody = await store.openSession(opening({ create }, { limit: refuse(0) }));
      equal(nobody, { ok: false, code: "session_limit" }, "where nobody may have a session");
      equal(await store.findUser({ email: "ann@example.test" }), undefined, "who it would have made");
    },
  ],
  [
    "the session that is replaced makes room, one of another client does not",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const web = (await signIn(store, user)).session;
      const mobile = (await signIn(store, user, { client: "mobile" })).session;
      const open = (wanted: Partial<OpenSession>) => store.openSession(opening(user, wanted));
      const taken = await open({ limit: refuse(2), replaces: mobile.id });
      equal(codeOf(taken), "session_limit", "in place of another client's");
      const replaced = await open({ limit: refuse(2), replaces: web.id });
      equal(codeOf(replaced), "ok", "in place of its own");
      const again = await open({ limit: evict(2), replaces: idOf(replaced) ?? null });
      equal(evictedBy(again), [], "who made room then");
      equal((await store.readSession(web.id)).session?.endReason, "replaced", "the reason");
    },
  ],
  [
    "a limit counts only what is live and the user's, and nothing where no session is made",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const ended = (await signIn(store, user)).session;
      await signIn(store, user, { expiresIn: 1 });
      await signIn(store, user, { idleTimeout: 1 });
      await signIn(store, await makeUserIn(store));
      await store.endSession(ended.id, "signed_out");
      clock.advance(1000);
      const open = (wanted: Partial<OpenSession>) => store.openSession(opening(user, wanted));
      equal(codeOf(await open({ limit: refuse(1) })), "ok", "the first");
      const live = await liveOf(store, user.id);
      equal(codeOf(await open({ session: null, limit: refuse(1) })), "ok", "without a session");
      equal(evictedBy(await open({ session: null, limit: evict(1) })), [], "who made room for none");
      equal(await liveOf(store, user.id), live, "what is live");
      await store.endEverything();
      equal(codeOf(await open({ limit: refuse(1) })), "ok", "after everything was ended");
    },
  ],
];

export function evictedBy(opened: Answer<"openSession">): readonly SessionId[] | undefined {
  return opened.ok ? opened.evicted : undefined;
}

export function idOf(opened: Answer<"openSession">): SessionId | undefined {
  return opened.ok ? opened.session?.id : undefined;
}

/** The ids of the user's live sessions, sorted. */
export async function liveOf(store: Store, userId: string): Promise<readonly SessionId[]> {
  return (await store.listSessions(userId)).map(({ id }) => id).sort();
}
