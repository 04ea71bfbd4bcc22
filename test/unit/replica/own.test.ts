import { randomBytes } from "node:crypto";
import type { Change, LoggedChange, SessionId } from "latchkey";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Feed } from "../../../packages/latchkey/src/replica/follow/feed.ts";
import { follow, makeWorld, useFakeTime, type Weather } from "./stage.ts";

// What a process has changed itself it knows at once, and does not let the store forget.

const fine: Weather = { there: 1, back: 1, fails: false };
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
const anEnd = (): Extract<Change, { kind: "session_ended" }> => ({
  kind: "session_ended",
  userId: "ann",
  sessionId: randomBytes(16).toString("base64url") as SessionId,
});

beforeEach(useFakeTime);
afterEach(() => vi.useRealTimers());

/** A process of which a store tells what it has changed, and what it had to make good. */
function makeProcess(weather: () => Weather = () => fine) {
  const world = makeWorld(weather);
  const restored: Change[] = [];
  let tell: ((changes: readonly LoggedChange[]) => void) | undefined;
  let fails = false;
  const feed: Feed = {
    ...world.feed,
    listen(listener) {
      tell = listener;
      return () => {
        tell = undefined;
      };
    },
    restore: {
      async changes(changes) {
        if (fails) throw new Error("the store is down");
        restored.push(...changes);
        for (const change of changes) world.write(change);
        return changes.length;
      },
      globalEpoch: async () => ({ globalEpoch: 0, now: Date.now() }),
    },
  };
  const { replica, member } = follow(feed);
  replica.join(member);
  return {
    ...{ world, replica, restored },
    tell: (change: Change) => tell?.([{ at: Date.now(), change }]),
    failing: (whether: boolean) => {
      fails = whether;
    },
    leave: () => replica.leave(member),
    isListening: () => tell !== undefined,
  };
}

test("is known before the log brings it, and nothing is made good that the log has", async () => {
  const { world, replica, restored, tell, leave, isListening } = makeProcess();
  await pass(50);
  const changes: readonly Change[] = [
    anEnd(),
    { kind: "user_epoch", userId: "ann", epoch: 7 },
    {
      ...{ kind: "user_state", userId: "ann", version: 8, roles: [] },
      ...{ status: "banned", bannedUntil: null },
    },
    { kind: "user_deleted", userId: "bob", epoch: 9 },
    { kind: "global_epoch", epoch: 10 },
    { kind: "key_retired", keyId: "k", retiresAt: 1 },
    { kind: "key_added", keyId: "l", activatesAt: 1 },
  ];
  for (const change of changes) tell(change);
  expect(replica.knowledge.user("ann")).toMatchObject({ epoch: 7, version: 8 });
  expect(replica.knowledge.user("bob")).toMatchObject({ goneBelow: 9 });
  expect([replica.knowledge.global.epoch, replica.knowledge.keyState("k").retiresAt]).toEqual([10, 1]);
  for (const change of changes) world.write(change);
  await pass(2000);
  // The log may be quicker than the answer of the step.
  const quick = [anEnd(), { kind: "user_epoch", userId: "ann", epoch: 11 }] as const;
  for (const change of quick) world.write(change);
  await pass(100);
  for (const change of quick) tell(change);
  await pass(2000);
  expect(restored).toEqual([]);
  await leave();
  expect(isListening()).toBe(false);
});

test("is made good where a log goes on without it, and until then nobody takes all for known", async () => {
  const { world, replica, restored, tell, failing, leave } = makeProcess();
  world.write(anEnd());
  await pass(50);
  const lost = anEnd();
  tell(lost);
  // The crash took the newest entry along. What was read before still stands there.
  failing(true);
  await pass(3000);
  expect(replica.currency.isWithin(2000)).toBe(false);
  failing(false);
  await pass(3000);
  expect(restored).toEqual([lost]);
  expect(world.log.at(-1)?.change).toEqual(lost);
  expect(replica.currency.isWithin(2000)).toBe(true);
  await pass(5000);
  expect(restored, "once").toEqual([lost]);
  await leave();
});

test("a question that was under way when it was changed does not miss it", async () => {
  const { world, restored, tell, leave } = makeProcess(() => ({ there: 1, back: 60, fails: false }));
  await pass(500);
  const own = anEnd();
  // The log is looked at, then something is changed and answered, then the look arrives.
  world.write(anEnd());
  await pass(10);
  tell(own);
  await pass(55);
  world.write(own);
  await pass(2000);
  expect(restored).toEqual([]);
  await leave();
});

test("goes with all else that is known where the store was rolled back further", async () => {
  const { world, restored, tell, leave } = makeProcess();
  const [before, read, own] = [anEnd(), anEnd(), anEnd()];
  world.write(before);
  await pass(3000);
  world.write(read);
  await pass(3000);
  tell(own);
  world.log.splice(1);
  await pass(3000);
  expect(restored.map((it) => "sessionId" in it && it.sessionId).sort()).toEqual(
    [before, read, own].map(({ sessionId }) => sessionId).sort(),
  );
  await leave();
});
