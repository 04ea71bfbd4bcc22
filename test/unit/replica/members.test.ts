import type { Change } from "latchkey";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { follow, makeWorld, useFakeTime } from "./stage.ts";

const fine = { there: 1, back: 1, fails: false };
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

beforeEach(useFakeTime);
afterEach(() => vi.useRealTimers());

test("the lease lasts for the one who goes on longest, and until it does that one trusts no longer (P17)", async () => {
  const world = makeWorld(() => fine);
  const { replica, member } = follow(world.feed);
  const { currency } = replica;
  replica.join(member);
  await pass(1000);
  expect(world.reads.at(-1)?.input.lease?.duration).toBe(2450);
  replica.join({ ...member, maxStaleness: 20_000 });
  vi.setSystemTime(Date.now() + 2600);
  expect(currency.isWithin(20_000), "by a lease that has run out").toBe(false);
  vi.setSystemTime(Date.now() - 2600);
  await pass(1100);
  expect(world.reads.at(-1)?.input.lease?.duration).toBe(22_250);
  vi.setSystemTime(Date.now() + 2600);
  expect(currency.isWithin(20_000)).toBe(true);
  expect(currency.isWithin(2000)).toBe(false);
  await replica.leave(member);
});

test("a clock of ours that jumps makes nothing be forgotten that still counts (P8)", async () => {
  const world = makeWorld(() => fine);
  const { replica, member } = follow(world.feed);
  replica.join(member);
  await pass(1000);
  world.write({ kind: "user_epoch", userId: "ann", epoch: 3 } as Change);
  await pass(58_900);
  vi.setSystemTime(Date.now() + 3_600_000);
  world.skew(-3_600_000);
  // In this time falls what is done once a minute.
  await pass(2000);
  expect(replica.knowledge.user("ann")?.epoch).toBe(3);
  await pass(960_000 + 60_000);
  expect(replica.knowledge.user("ann"), "once it counts no more").toBeUndefined();
  await replica.leave(member);
});
