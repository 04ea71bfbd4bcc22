import type { ChangesPage, Store } from "../../../types.ts";
import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { aSessionId, type ContractCase, makeUserIn, signIn } from "../stage/scene.ts";
import { look } from "./follow.ts";

/** What readers see of many who write at once (P6). */
export const logRaceCases: readonly ContractCase[] = [
  [
    "of many who write at once readers see every change once, and none before one that they get later",
    async ({ store, handles }) => {
      const user = await makeUserIn(store);
      const sessions = await Promise.all(Array.from({ length: 60 }, () => signIn(store, user)));
      const start = (await look(store, null)).position;
      let writing = true;
      const follow = async (on: Store): Promise<readonly string[]> => {
        const seen: string[] = [];
        let page: Pick<ChangesPage, "position" | "atHead"> = { position: start, atHead: false };
        for (;;) {
          // Asked before the look: what is written while its answer is under way is not in it.
          const isOver = !writing;
          const next = await look(on, page.position, { limit: 3, waitMs: page.atHead ? 20 : 0 });
          page = next;
          for (const { change } of next.changes) if ("sessionId" in change) seen.push(change.sessionId);
          if (page.atHead && isOver) return seen;
        }
      };
      const readers = [follow(handles[0]), follow(handles[1]), follow(handles[1])];
      await atOnce(60, handles, (on, i) => on.endSession(sessions[i]?.session.id ?? aSessionId(), "revoked"));
      writing = false;
      const [first, ...others] = await Promise.all(readers);
      const ids = sessions.map(({ session }) => session.id).sort();
      equal([...(first ?? [])].sort(), ids, "what the first has seen");
      for (const seen of others) equal(seen, first, "what another has seen, in its order");
    },
  ],
  [
    "a step that has answered is in the log",
    async ({ store, handles: [a, b] }) => {
      const user = await makeUserIn(store);
      for (let round = 0; round < 40; round++) {
        const { session } = await signIn(store, user);
        const { position } = await b.readLeases(null);
        const end = a.endSession(session.id, "revoked");
        // Others write and read meanwhile.
        const noise = [b.setRoles(user.id, [`role ${round}`]), look(b, position)];
        await end;
        const { changes } = await look(b, position);
        const isThere = changes.some(
          ({ change }) => "sessionId" in change && change.sessionId === session.id,
        );
        equal(isThere, true, `round ${round}: whether it is there`);
        await Promise.all(noise);
      }
    },
  ],
];
