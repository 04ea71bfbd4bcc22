import type { Lease, Leases } from "latchkey";
import { expect, test } from "vitest";
import { makeReceipts } from "../../../packages/latchkey/src/replica/receipt.ts";

/** Leases that a test moves; waiting takes no time of ours. */
function stage(life: string | null = null) {
  const leases = new Map<string, Lease>();
  const plan: { at: number; act: () => void }[] = [];
  let time = 0;
  let current = life;
  let longestLease = 2450;
  let held: Promise<void> | undefined;
  const readLeases = async (): Promise<Leases> => {
    const found = { leases: [...leases.values()], position: "life.1.x", life: current, longestLease };
    const until = held;
    held = undefined;
    await until;
    return found;
  };
  const wait = async (milliseconds: number): Promise<void> => {
    time += milliseconds;
    for (const { act } of plan.filter(({ at }) => at <= time)) act();
  };
  return {
    receipts: makeReceipts({ store: { readLeases }, monotonic: () => time, wait }),
    put(id: string, wanted: Partial<Lease> = {}) {
      const before = leases.get(id);
      const fresh = {
        id,
        counter: 1,
        node: `node ${id}`,
        duration: 2450,
        accepts: false,
        reached: false,
        behind: 1,
        age: 0,
      };
      leases.set(id, { ...fresh, ...before, ...wanted });
    },
    drop: (id: string) => void leases.delete(id),
    /** Acts once at a time, or again and again from it on. */
    at(when: number, act: () => void) {
      const once = (): void => {
        plan.splice(plan.indexOf(entry), 1);
        act();
      };
      const entry = { at: when, act: once };
      plan.push(entry);
    },
    from: (when: number, act: () => void) => void plan.push({ at: when, act }),
    pass(milliseconds: number) {
      time += milliseconds;
    },
    /** The next answer is under way until it is let go. */
    hold(): () => void {
      let letGo = (): void => undefined;
      held = new Promise((resolve) => {
        letGo = resolve;
      });
      return letGo;
    },
    /** The longest lease that the store knows of. */
    tell(lease: number) {
      longestLease = lease;
    },
    restart: () => {
      current = `${current}x`;
    },
  };
}

test("nobody reads: done at once", async () => {
  const { receipts } = stage();
  expect(await receipts.confirm()).toEqual({
    ...{ verifiers: 0, confirmed: 0, expired: 0, complete: true, ms: 0, behind: [], accepting: false },
  });
});

test("resolves when the last node has come as far", async () => {
  const { receipts, put, at } = stage();
  for (const id of ["a", "b", "c"]) put(id);
  at(4, () => put("a", { counter: 2, reached: true }));
  at(8, () => put("b", { counter: 2, reached: true }));
  at(30, () => put("c", { counter: 2, reached: true }));
  const receipt = await receipts.confirm();
  expect(receipt).toMatchObject({ verifiers: 3, confirmed: 3, expired: 0, complete: true, behind: [] });
  expect(receipt.ms).toBeGreaterThanOrEqual(30);
  expect(receipt.ms).toBeLessThan(80);
});

test("a lease that stands still is over when its time has passed on the waiter's clock", async () => {
  const { receipts, put, at } = stage();
  put("alive");
  put("dead");
  at(5, () => put("alive", { counter: 2, reached: true }));
  const receipt = await receipts.confirm();
  expect(receipt).toMatchObject({ verifiers: 2, confirmed: 1, expired: 1, complete: true });
  expect(receipt.ms).toBeGreaterThan(2450);
  expect(receipt.ms).toBeLessThan(2600);
});

test("and is not waited for the next time", async () => {
  const { receipts, put, pass } = stage();
  put("dead");
  await receipts.confirm();
  pass(60_000);
  expect(await receipts.confirm()).toMatchObject({ verifiers: 0, complete: true, ms: 0 });
  put("dead", { counter: 2 });
  const back = await receipts.confirm();
  expect(back).toMatchObject({ verifiers: 1, expired: 1, complete: true });
  expect(back.ms).toBeGreaterThan(2450);
});

test("a node that reads without coming as far is named, after twice the longest lease", async () => {
  const { receipts, put, from } = stage();
  put("slow");
  let counter = 1;
  from(0, () => put("slow", { counter: ++counter }));
  const receipt = await receipts.confirm();
  expect(receipt).toMatchObject({ verifiers: 1, confirmed: 0, complete: false, behind: ["node slow"] });
  expect(receipt.ms).toBeGreaterThanOrEqual(4900);
  expect(receipt.ms).toBeLessThan(5000);
});

test("a lease that is given back is not waited for", async () => {
  const { receipts, put, at, drop } = stage();
  put("a");
  at(10, () => drop("a"));
  const receipt = await receipts.confirm();
  expect(receipt).toMatchObject({ verifiers: 1, confirmed: 0, expired: 1, complete: true });
  expect(receipt.ms).toBeLessThan(50);
});

test("a lease that is taken later does not count: its node begins by reading", async () => {
  const { receipts, put, at } = stage();
  put("a");
  at(3, () => put("late"));
  at(10, () => put("a", { reached: true }));
  expect(await receipts.confirm()).toMatchObject({ verifiers: 1, confirmed: 1, complete: true });
});

test("in a new life of the store there may be leases that nobody sees: none resolves before the longest is over", async () => {
  const { receipts, restart, pass } = stage("one");
  const first = await receipts.confirm();
  expect(first.complete).toBe(true);
  expect(first.ms).toBeGreaterThanOrEqual(2450);
  expect((await receipts.confirm()).ms).toBe(0);
  restart();
  pass(1);
  expect((await receipts.confirm()).ms).toBeGreaterThanOrEqual(2450);
  await receipts.begin();
  expect((await receipts.confirm()).ms).toBeGreaterThanOrEqual(2450);
});

test("those that are left over from an earlier life take no longer than the longest", async () => {
  const { receipts, put } = stage("one");
  put("dead");
  const receipt = await receipts.confirm();
  expect(receipt).toMatchObject({ verifiers: 1, expired: 1, complete: true });
  expect(receipt.ms).toBeLessThan(2600);
});

test("nobody waits for what was seen to stand still since the start", async () => {
  const { receipts, put, pass, restart } = stage("one");
  put("dead");
  put("alive");
  await receipts.begin();
  pass(2400);
  put("alive", { counter: 2, reached: true });
  const early = await receipts.confirm();
  expect(early).toMatchObject({ verifiers: 2, confirmed: 1, expired: 1, complete: true });
  expect(early.ms).toBeGreaterThanOrEqual(50);
  expect(early.ms).toBeLessThan(150);
  expect(await receipts.confirm()).toMatchObject({ verifiers: 1, confirmed: 1, complete: true, ms: 0 });
  restart();
  expect((await receipts.confirm()).ms).toBeGreaterThanOrEqual(2450);
});

test("what comes back with a copy of the store is seen anew, whatever was seen of it before", async () => {
  const { receipts, put, pass, restart } = stage("one");
  put("reader", { duration: 60_000 });
  await receipts.begin();
  pass(3_600_000);
  restart();
  const receipt = await receipts.confirm();
  expect(receipt).toMatchObject({ verifiers: 1, expired: 1, complete: true });
  expect(receipt.ms).toBeGreaterThanOrEqual(60_000);
});

test("what is gone with a life is waited for as long as it might have lasted", async () => {
  const { receipts, put, at, drop, restart } = stage("one");
  put("far away", { duration: 60_000 });
  at(5000, () => {
    drop("far away");
    restart();
  });
  const receipt = await receipts.confirm();
  expect(receipt).toMatchObject({ verifiers: 1, expired: 1, complete: true });
  expect(receipt.ms).toBeGreaterThanOrEqual(65_000);
});

test("a copy that knows of less, looked at twice, is waited for as long as what it was before", async () => {
  const { receipts, put, drop, at, tell, restart } = stage("one");
  tell(60_000);
  await receipts.begin();
  put("alive", { reached: true });
  restart();
  tell(2450);
  at(100, () => {
    drop("alive");
    void receipts.begin();
  });
  const first = await receipts.confirm();
  expect(first).toMatchObject({ complete: true });
  expect(first.ms).toBeGreaterThanOrEqual(60_000);
});

test("a store that is another one each time is not waited for without end", async () => {
  const { receipts, from, restart } = stage("one");
  from(0, restart);
  expect(await receipts.confirm()).toMatchObject({ verifiers: 0, complete: false, behind: [] });
});

test("who could not look at the start waits, and an answer that comes late changes nothing", async () => {
  const { receipts, put, at, hold } = stage("one");
  const release = hold();
  const beginning = receipts.begin();
  put("dead");
  at(1000, release);
  const first = await receipts.confirm();
  await beginning;
  expect(first).toMatchObject({ verifiers: 1, expired: 1, complete: true });
  expect(first.ms).toBeGreaterThanOrEqual(2450);
  expect(first.ms).toBeLessThan(2600);
  expect(await receipts.confirm()).toMatchObject({ verifiers: 0, complete: true, ms: 0 });
});

test("a node that goes on with what it has, however old, is told of", async () => {
  const { receipts, put } = stage();
  put("a", { reached: true, accepts: true });
  expect(await receipts.confirm()).toMatchObject({ accepting: true, complete: true });
});
