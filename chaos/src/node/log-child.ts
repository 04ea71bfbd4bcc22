// A process that appends to the change log, or follows it. Started by the harness alone.
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Position, Store } from "latchkey";
import type { NodeSettings } from "./settings.ts";
import { openStore } from "./store.ts";

/** What a reader has seen: the numbered roles of each user in the order in which they came. */
export interface Read {
  readonly count: number;
  /** Numbers that came after a higher one or after a gap, and versions that did not rise. */
  readonly wrong: number;
  /** Of everything in its order: the same for all readers. */
  readonly digest: string;
}

type Order =
  | { readonly append: number; readonly user: string }
  | { readonly read: true }
  | { readonly until: number };

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
const settings: NodeSettings = JSON.parse(process.env.CHAOS_NODE ?? "{}");
const store = await openStore(settings, silent);

/**
 * How many appends are under way at a time, each for a user of its own: what comes together is one write to the disk. A
 * file has one writer, and more of them only stand in each other's way.
 */
const atOnce = settings.store === "sqlite" ? 1 : 8;

await store.start();
let wanted = Number.POSITIVE_INFINITY;

process.on("message", (order: Order) => {
  if ("until" in order) wanted = order.until;
  else void ("read" in order ? read(store) : append(store, order)).then((told) => process.send?.(told));
});
process.on("disconnect", () => process.exit(0));
process.send?.({ ready: true });

async function append(to: Store, { user, append: times }: { append: number; user: string }): Promise<number> {
  const each = Math.ceil(times / atOnce);
  const users = Array.from({ length: atOnce }, (_, index) => `${user}-${index}`);
  const appended = await Promise.all(users.map((one) => appendFor(to, one, each)));
  return appended.reduce((sum, one) => sum + one, 0);
}

/** One after the other. What could not be answered is done again, under the same number. */
async function appendFor(to: Store, user: string, times: number): Promise<number> {
  await patiently(() => to.createUser({ id: user, email: null, name: null, roles: [], passwordHash: null }));
  for (let number = 1; number <= times; ) {
    const changed = await patiently(() => to.setRoles(user, [String(number)]));
    if (changed.ok) number += 1;
  }
  return times;
}

async function read(from: Store): Promise<Read> {
  const hash = createHash("sha256");
  const seen = new Map<string, { readonly number: number; readonly version: number }>();
  let [count, wrong, after]: [number, number, Position | null] = [0, 0, null];
  while (count < wanted) {
    const page = await patiently(() => from.readChanges({ after, limit: 1000, waitMs: 100, lease: null }));
    if (page.reset !== false) wrong += 1;
    for (const { change } of page.changes) {
      if (change.kind !== "user_state") continue;
      const { userId, version } = change;
      const number = Number(change.roles[0]);
      const before = seen.get(userId) ?? { number: 0, version: 0 };
      // Done twice, as it could not be answered the first time, it has another version and the same number.
      const isNext = number === before.number + 1;
      if (version <= before.version || !(isNext || number === before.number)) wrong += 1;
      seen.set(userId, { number, version });
      hash.update(`${userId} ${version}\n`);
      if (isNext) count += 1;
    }
    after = page.position;
  }
  return { count, wrong, digest: hash.digest("hex") };
}

async function patiently<Result>(call: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      // Done or not, or not known to be safe: the store asks to be asked again.
      if ((error as { retryAfter?: number }).retryAfter === undefined) throw error;
      // A refusal at once, asked again at once, would leave no time for anything else.
      await sleep(20);
    }
  }
}
