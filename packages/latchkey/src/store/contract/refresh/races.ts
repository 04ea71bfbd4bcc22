import type { SessionRecord, Store } from "../../../types.ts";
import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { type ContractCase, isAccepted } from "../stage/scene.ts";
import { grace, refreshable, seen, token } from "./present.ts";

/** What several see who refresh at once, or while the session ends. */
export const refreshRaceCases: readonly ContractCase[] = [
  [
    "of many who present one token one rotates, and all get the same successor",
    async ({ store, handles, clock }) => {
      const { session } = await refreshable(store);
      clock.advance(grace);
      const answers = await atOnce(50, handles, (on) => on.refreshSession(token(session, 0)));
      equal(count(answers.map(seen)), { "replayed 1": 49, "rotated 1": 1 }, "the answers");
      equal((await store.readSession(session.id)).session?.generation, 1, "the generation");
      const again = await atOnce(50, handles, (on, i) => on.refreshSession(token(session, i % 2)));
      equal(count(again.map(seen)), { "kept 1": 25, "replayed 1": 25 }, "parent and successor together");
    },
  ],
  [
    "of many who present a stolen token one ends the session, and it is written down once",
    async ({ store, handles, clock }) => {
      const { session } = await refreshable(store);
      for (const generation of [0, 1]) {
        clock.advance(grace);
        await store.refreshSession(token(session, generation));
      }
      const answers = await atOnce(20, handles, (on) => on.refreshSession(token(session, 0)));
      equal(count(answers.map(seen)), { refresh_reused: 1, session_ended: 19 }, "the answers");
      equal((await store.readSession(session.id)).session?.epoch, 1, "the session's epoch");
      equal((await store.listAudit({ limit: 99 })).length, 1, "the entries of the audit log");
    },
  ],
  [
    "of many who prove a lost write all end at the highest generation",
    async ({ store, handles }) => {
      const { session } = await refreshable(store);
      const answers = await atOnce(20, handles, (on) => on.refreshSession(token(session, 7)));
      equal(count(answers.map(seen)), { "kept 7": 19, "recovered 7": 1 }, "the answers");
    },
  ],
  ["a refresh never revives a session that is ended", (scene) => neverRevives(scene, endIt)],
  ["a refresh never revives a session of a user who is banned", (scene) => neverRevives(scene, ban)],
  ["a refresh never revives a session from before a new password", (scene) => neverRevives(scene, change)],
  [
    "a refresh leaves alone what others write to the session at that moment",
    async ({ store, handles, clock }) => {
      const { user, session } = await refreshable(store);
      clock.advance(grace);
      const keep = { id: session.id, tokenHash: null };
      const seenBy: string[] = [];
      const refresh = async (on: Store) => {
        seenBy.push(seen(await on.refreshSession(token(session, 0))));
      };
      const writers: readonly ((on: Store) => Promise<unknown>)[] = [
        refresh,
        (on) => on.updateSession(session.id, 0, { cart: 1 }),
        refresh,
        (on) => on.changePassword({ userId: user.id, epoch: 0, passwordHash: "$new", keep, audit: null }),
      ];
      await atOnce<unknown>(4, handles, async (on, i) => writers[i]?.(on));
      const rotated = seenBy.includes("rotated 1");
      const now = clock.read();
      const read = (await store.readSession(session.id)).session;
      const { data, version, epoch, userEpoch, generation } = read ?? session;
      const epochs = { epoch: Math.floor((now - session.createdAt) / 100), userEpoch: now };
      const expected = { data: { cart: 1 }, version: 1, ...epochs, generation: rotated ? 1 : 0 };
      equal({ data, version, epoch, userEpoch, generation }, expected, "what all of them wrote");
    },
  ],
];

type Scene = Parameters<ContractCase[1]>[0];
type End = (on: Store, session: SessionRecord) => Promise<unknown>;

const endIt: End = (on, session) => on.endSession(session.id, "revoked");
const ban: End = (on, session) => on.banUser(session.userId, { until: null, reason: null });
const change: End = (on, { userId }) =>
  on.changePassword({ userId, epoch: 0, passwordHash: "$new", keep: null, audit: null });

/** 200 times: four who refresh and one who ends it, each time at another place among them. */
async function neverRevives({ store, handles, clock }: Scene, end: End): Promise<void> {
  for (let round = 0; round < 200; round++) {
    const { session } = await refreshable(store);
    clock.advance(grace);
    const order: string[] = [];
    await atOnce(5, handles, async (on, i) => {
      if (i === round % 5) await end(on, session).then(() => order.push("ended"));
      else await on.refreshSession(token(session, 0)).then((answer) => order.push(seen(answer)));
    });
    const read = await store.readSession(session.id);
    equal([isAccepted(read), read.session?.epoch], [false, 1], "whether it is live, and its epoch");
    for (const generation of [0, 1, 2]) {
      const late = await store.refreshSession(token(session, generation));
      equal(seen(late), "session_ended", `after ${order.join(", ")}`);
    }
  }
}

function count(answers: readonly string[]): object {
  const counts: { [answer: string]: number } = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}
