import type { Change, Store } from "../../../types.ts";
import { changesOf } from "../changes/follow.ts";
import { equal } from "../stage/assert.ts";
import { type ContractCase, makeUserIn, raisedTo, type Scene, signIn } from "../stage/scene.ts";

/** What the port says of epochs and versions where the store may be put back to an older copy (P1, P7). */
export const epochCases: readonly ContractCase[] = [
  [
    "what is raised is raised to the store's time at least, and beyond itself where that is later",
    async ({ store, clock }) => {
      const ann = await makeUserIn(store);
      const epoch = async () => (await store.findUser({ id: ann.id }))?.epoch;
      const everything = async () => (await store.readSession("" as never)).globalEpoch;
      await store.endSessions(ann.id, "revoked");
      await store.endEverything();
      equal([await epoch(), await everything()], [raisedTo(clock), raisedTo(clock)], "the first time");
      await store.endSessions(ann.id, "revoked");
      await store.endEverything();
      equal([await epoch(), await everything()], [raisedTo(clock, 2), raisedTo(clock, 2)], "at once again");
      const before = clock.read();
      clock.advance(-60_000);
      await store.endSessions(ann.id, "revoked");
      await store.endEverything();
      equal([await epoch(), await everything()], [before + 2, before + 2], "by a clock that was put back");
    },
  ],
  [
    "after an older copy was put back no epoch and no version comes a second time",
    async (scene) => {
      const [first, second] = await twoLives(scene);
      const again = first.filter((it) => second.includes(it));
      equal([first.length, second.length, again], [5, 5, []], "how many were raised, and which came again");
    },
  ],
];

/** What one life of the store raises, and the next one that begins where the first one did. */
async function twoLives({ store, clock, copy }: Scene): Promise<readonly [string[], string[]]> {
  const ann = await makeUserIn(store);
  const { session } = await signIn(store, ann);
  const putBack = await copy?.();
  const first = await raiseAll(store, ann.id, session.id);
  await putBack?.();
  // It takes a moment at least.
  clock.advance(100);
  if (copy !== undefined) return [first, await raiseAll(store, ann.id, session.id)];
  // Where there are no older copies: another user in the same state. What is of all rises on.
  const bob = await makeUserIn(store);
  return [first, await raiseAll(store, bob.id, (await signIn(store, bob)).session.id)];
}

async function raiseAll(
  store: Store,
  userId: string,
  id: Parameters<Store["endSession"]>[0],
): Promise<string[]> {
  const keep = { id, tokenHash: null };
  const changes = await changesOf(store, async () => {
    await store.changePassword({ userId, epoch: 0, passwordHash: "$new", keep, audit: null });
    await store.setRoles(userId, ["a role"]);
    await store.endEverything();
    await store.deleteUser(userId);
  });
  return changes.flatMap(numberOf);
}

function numberOf(change: Change): readonly string[] {
  if ("epoch" in change) return [`${change.kind} ${change.epoch}`];
  return "version" in change ? [`${change.kind} ${change.version}`] : [];
}
