import type { SessionLimit, Store } from "../../../types.ts";
import { equal, tally } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { type ContractCase, makeUserIn, opening } from "../stage/scene.ts";
import { evictedBy, idOf, liveOf } from "./limit.ts";

const evict: SessionLimit = { max: 3, onLimit: "evict" };

/** How many live sessions there are while many sign in at once. */
export const limitRaceCases: readonly ContractCase[] = [
  [
    "of many who sign in at once never more are live than the limit allows, and none is lost from sight",
    async ({ store, handles, clock }) => {
      const user = await makeUserIn(store);
      const observed: number[] = [];
      const answers = await atOnce(20, handles, async (on) => {
        clock.advance(500);
        const opened = await on.openSession(opening(user, { limit: evict }));
        observed.push((await on.listSessions(user.id)).length);
        return opened;
      });
      equal(tally(answers), { ok: 20 }, "the answers");
      equal(Math.max(...observed), 3, "how many were live at most");
      const evicted = answers.flatMap((it) => evictedBy(it) ?? []).sort();
      const live = await liveOf(store, user.id);
      equal(live.length, 3, "how many are live");
      const gone = answers.flatMap((it) => idOf(it) ?? []).filter((id) => !live.includes(id));
      equal(evicted, gone.sort(), "who made room");
      for (const id of evicted) {
        equal((await store.readSession(id)).session?.endReason, "evicted", "why they ended");
      }
    },
  ],
  [
    "of many who sign in at once as many get in as the limit allows",
    async ({ store, handles }) => {
      const user = await makeUserIn(store);
      const limit: SessionLimit = { max: 3, onLimit: "refuse" };
      const open = (on: Store) => on.openSession(opening(user, { limit }));
      equal(tally(await atOnce(20, handles, open)), { ok: 3, session_limit: 17 }, "the answers");
      equal((await liveOf(store, user.id)).length, 3, "how many are live");
    },
  ],
];
