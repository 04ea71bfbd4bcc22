import { randomBytes } from "node:crypto";
import fc from "fast-check";
import type { Change, SessionId } from "latchkey";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Feed } from "../../../packages/latchkey/src/replica/follow/feed.ts";
import { makeLive } from "../../../packages/latchkey/src/replica/live.ts";
import type { Member } from "../../../packages/latchkey/src/replica/replica.ts";
import { follow, lookup, makeWorld, useFakeTime, type Weather } from "./stage.ts";

const fine: Weather = { there: 1, back: 1, fails: false };
const aSession = (): SessionId => randomBytes(16).toString("base64url") as SessionId;
const endOf = (sessionId: SessionId) => ({ kind: "session_ended", sessionId, userId: "ann" }) as const;
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(useFakeTime);
afterEach(() => vi.useRealTimers());

test("is stale before its first full read, current after it, and stays so", async () => {
  const world = makeWorld(() => fine);
  for (let i = 0; i < 2500; i++) world.write(endOf(aSession()));
  const { replica, member } = follow(world.feed);
  expect(replica.currency.isWithin(2000)).toBe(false);
  replica.join(member);
  await pass(3);
  expect(replica.knowledge.sizes.sessions).toBe(1000);
  expect(replica.currency.isWithin(2000), "in the middle of it").toBe(false);
  await pass(4);
  expect(replica.knowledge.sizes.sessions).toBe(2500);
  for (let i = 0; i < 100; i++) {
    await pass(97);
    expect(replica.currency.age()).toBeLessThan(1010);
  }
  await replica.leave(member);
});

test("hears of a change as soon as the network brings it, and asks at most every 4 ms", async () => {
  const world = makeWorld(() => fine);
  const { replica, member } = follow(world.feed);
  replica.join(member);
  await pass(50);
  const session = aSession();
  world.write(endOf(session));
  await pass(2);
  expect(replica.knowledge.sessionEpoch(session)).toBeGreaterThan(1e9);
  const before = world.reads.length;
  for (let i = 0; i < 400; i++) {
    world.write(endOf(aSession()));
    await pass(0.25);
  }
  expect(world.reads.length - before).toBeLessThanOrEqual(26);
  await pass(10);
  expect(replica.knowledge.sizes.sessions).toBe(401);
  await replica.leave(member);
});

test("waits no longer than a quarter of the bound, and gives up on what does not answer", async () => {
  let hangs = false;
  const world = makeWorld(() => (hangs ? { there: 1e9, back: 0, fails: false } : fine));
  const { replica, member } = follow(world.feed, { maxStaleness: 800 });
  replica.join(member);
  await pass(100);
  expect(world.reads.every(({ input }) => input.waitMs <= 200)).toBe(true);
  hangs = true;
  await pass(900);
  expect(replica.currency.isWithin(800)).toBe(false);
  hangs = false;
  await pass(1500);
  expect(replica.currency.isWithin(800)).toBe(true);
  await replica.leave(member);
});

test("an answer that comes when it was given up, and another was asked for since, counts for nothing (P9)", async () => {
  let back = 1;
  const world = makeWorld(() => ({ there: 1, back, fails: false }));
  const heard: Change[] = [];
  const onChange: Member["onChange"] = ({ change }) => void heard.push(change);
  const { replica, member } = follow(world.feed, { maxStaleness: 800, onChange });
  replica.join(member);
  await pass(100);
  back = 1000;
  world.write(endOf(aSession()));
  await pass(20);
  world.write(endOf(aSession()));
  back = 1;
  await pass(600);
  expect(heard).toHaveLength(2);
  await pass(1000);
  expect(heard).toHaveLength(2);
  await replica.leave(member);
});

test("after failures it asks less and less often, unevenly, and recovers by itself", async () => {
  let fails = false;
  const world = makeWorld(() => ({ ...fine, fails }));
  const { replica, member } = follow(world.feed);
  replica.join(member);
  await pass(100);
  fails = true;
  const from = world.reads.length;
  await pass(10_000);
  const times = world.reads.slice(from).map(({ at }) => at);
  const gaps = times.slice(1).map((at, i) => at - (times[i] ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(1002);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(25);
  expect(gaps.length).toBeLessThan(30);
  expect(new Set(gaps.map(Math.round)).size).toBeGreaterThan(3);
  fails = false;
  await pass(1100);
  expect(replica.currency.isWithin(2000)).toBe(true);
  await replica.leave(member);
});

test("a lease goes with each read: its counter rises, and it says what was applied", async () => {
  const world = makeWorld(() => fine);
  const { replica, member } = follow(world.feed);
  replica.join(member);
  await pass(3000);
  const leases = world.reads.map(({ input }) => input.lease);
  expect(leases.map((it) => it?.counter)).toEqual(leases.map((_, i) => i + 1));
  expect(new Set(leases.map((it) => it?.id)).size).toBe(1);
  expect(leases[0]).toMatchObject({ node: "test", duration: 2450, accepts: false });
  expect(world.reads[0]?.input.after).toBeNull();
  expect(world.reads.at(-1)?.input.after).toBe("one.0.");
  await replica.leave(member);
});

test("catching up waits for a read that was asked for later, however the one under way ends", async () => {
  const world = makeWorld(() => ({ there: 5, back: 5, fails: false }));
  const { replica, member } = follow(world.feed);
  replica.join(member);
  await pass(200);
  const session = aSession();
  world.log.push({ at: Date.now(), change: endOf(session) });
  let done = false;
  const caught = replica.catchUp(1000).then(() => {
    done = true;
  });
  await pass(9);
  expect(done).toBe(false);
  await pass(20);
  await caught;
  expect(replica.knowledge.sessionEpoch(session)).toBeGreaterThan(1e9);
  await replica.leave(member);
});

test("catching up ends when its patience does, or at once where nothing answers", async () => {
  let weather: Weather = fine;
  const world = makeWorld(() => weather);
  const { replica, member } = follow(world.feed);
  await replica.catchUp(1000);
  replica.join(member);
  await pass(100);
  weather = { there: 1e9, back: 0, fails: false };
  const patient = replica.catchUp(50);
  await pass(51);
  await patient;
  weather = { ...fine, fails: true };
  const failing = replica.catchUp(1e9);
  await pass(1200);
  await failing;
  await replica.leave(member);
});

test("after a reset it is stale until it has read all, what was allowed is dropped, what was forbidden stays", async () => {
  let there = 1;
  const world = makeWorld(() => ({ ...fine, there }));
  const { replica, member, resets } = follow(world.feed);
  replica.join(member);
  const session = aSession();
  world.write(endOf(session));
  await pass(100);
  there = 30;
  world.replaceBy(Array.from({ length: 1500 }, () => ({ at: Date.now(), change: endOf(aSession()) })));
  while (resets.length === 0) await pass(1);
  expect(replica.currency.isWithin(2000)).toBe(false);
  await pass(200);
  expect(replica.currency.isWithin(2000)).toBe(true);
  expect(replica.knowledge.sizes.sessions).toBe(1501);
  expect(replica.knowledge.sessionEpoch(session)).toBeGreaterThan(1e9);
  await replica.leave(member);
});

test("what it does not understand makes it stale for good", async () => {
  const world = makeWorld(() => fine);
  const { replica, member } = follow(world.feed);
  replica.join(member);
  await pass(100);
  world.write(JSON.parse('{"kind":"session_frozen"}'));
  await pass(10_000);
  expect(replica.currency.isWithin(2000)).toBe(false);
  await replica.leave(member);
});

test("with the last member it stops trusting, then gives the lease back", async () => {
  const world = makeWorld(() => fine);
  const order: string[] = [];
  const { replica, member } = follow({
    ...world.feed,
    dropLease: async (id) => void order.push(`${id.length} ${replica.currency.isWithin(1e9)}`),
  });
  const other = { ...member, maxStaleness: 400 };
  replica.join(member);
  replica.join(other);
  await pass(300);
  expect(world.reads.at(-1)?.input.waitMs).toBe(100);
  await replica.leave(other);
  expect(order).toEqual([]);
  await pass(1000);
  const leaving = replica.leave(member);
  await pass(10);
  await leaving;
  expect(order).toEqual(["22 false"]);
  const reads = world.reads.length;
  await pass(5000);
  expect(world.reads.length).toBe(reads);
});

const weather = fc.record({
  there: fc.integer({ min: 0, max: 250 }),
  back: fc.integer({ min: 0, max: 250 }),
  fails: fc.boolean().map((one) => one),
});

test("no check is answered from what is older than the bound, whatever the network and the clocks do", async () => {
  const bound = 400;
  const plan = fc.array(
    fc.record({
      pause: fc.integer({ min: 1, max: 120 }),
      revokes: fc.boolean(),
      /** The machine sleeps: its monotonic clock stands still, or somebody sets the wall clock. */
      jump: fc.constantFrom(0, 0, 0, 0, 700, -3_600_000),
    }),
    { minLength: 10, maxLength: 60 },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(weather, { minLength: 1, maxLength: 20 }), plan, async (weathers, steps) => {
      let turn = 0;
      const world = makeWorld(() => weathers[turn++ % weathers.length] ?? fine);
      const { replica, member } = follow(world.feed, { maxStaleness: bound });
      const live = makeLive(replica.knowledge, replica.currency, {
        maxStaleness: bound,
        onStale: "lookup",
        longestLife: () => 0,
        lookup,
      });
      const revoked: { readonly session: SessionId; readonly at: number }[] = [];
      replica.join(member);
      for (const { pause, revokes, jump } of steps) {
        await pass(pause);
        if (jump !== 0) vi.setSystemTime(Date.now() + jump);
        if (revokes) {
          const session = aSession();
          world.write(endOf(session));
          revoked.push({ session, at: performance.now() });
        }
        const now = performance.now();
        for (const { session, at } of revoked) {
          const known = replica.knowledge.sessionEpoch(session) > 0;
          if (live.decides() && !known) expect(now - at).toBeLessThan(bound);
        }
      }
      await Promise.all([replica.leave(member), pass(2000)]);
    }),
    { numRuns: 150 },
  );
}, 60_000);

test.each([
  ["nobody has raised the epoch since, but somebody did long before", () => 5, 1],
  ["another process has raised it by now", () => Date.now(), 0],
])(
  "finds out once what a store has lost, however long that takes, and goes on: %s",
  async (_, epoch, times) => {
    // Each question is answered in time; all of them together take longer than a read may.
    const world = makeWorld(() => ({ there: 60, back: 60, fails: false }));
    const told: Change[] = [];
    let [asking, most] = [0, 0];
    const feed: Feed = {
      ...world.feed,
      async read(input) {
        asking += 1;
        most = Math.max(most, asking);
        return world.feed.read(input).finally(() => {
          asking -= 1;
        });
      },
      restore: {
        async changes(changes) {
          told.push(...changes);
          return changes.length;
        },
        globalEpoch: async () => ({ globalEpoch: epoch(), now: Date.now() }),
      },
    };
    const { replica, member } = follow(feed, { maxStaleness: 800 });
    replica.join(member);
    // Places to go back to: finding the newest that is held takes a question for each time they can be halved.
    for (let i = 0; i < 20; i++) {
      world.write(endOf(aSession()));
      await pass(2500);
    }
    world.replaceBy([]);
    most = 0;
    await pass(4000);
    const epochs = told.map((change) => (change.kind === "global_epoch" ? change.epoch : Number.NaN));
    expect(epochs).toHaveLength(times);
    for (const raised of epochs) expect(raised).toBeGreaterThan(Date.now() - 4000);
    expect(most, "questions at once").toBe(1);
    expect(replica.currency.isWithin(800)).toBe(true);
    await replica.leave(member);
  },
);
