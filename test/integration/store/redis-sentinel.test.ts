import { setTimeout as wait } from "node:timers/promises";
import { createSentinel } from "@redis/client";
import type { Store } from "latchkey";
import { redisStore } from "latchkey/redis";
import { storeContract } from "latchkey/testing";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type SentinelTrio, startSentinelTrio } from "../../support/servers/redis-sentinel.ts";
import { aPrefix, openRedisStore, someOf } from "../../support/servers/redis-store.ts";
import { anId, signUp } from "./people.ts";

const fenced = ["--min-replicas-to-write", "1", "--min-replicas-max-lag", "4"];

let trio: SentinelTrio;
beforeAll(async () => {
  trio = await startSentinelTrio(...fenced);
});
afterAll(() => trio.stop());

const options = () => ({ name: trio.name, sentinelRootNodes: [...trio.sentinels] });

describe("redisStore keeps the contract under Sentinel", () => {
  storeContract({
    test: someOf(test),
    open: async ({ clock }) => {
      const prefix = aPrefix();
      // One way and the other to say where it is.
      const store = redisStore(options(), { clock, prefix });
      const second = redisStore(createSentinel(options()), { clock, prefix });
      await Promise.all([store.start(), second.start()]);
      const dispose = async () => {
        await Promise.all([store.close(), second.close()]);
      };
      return { store, second, dispose };
    },
  });
});

test("without min-replicas-to-write it is refused, unless the application says that it goes without", async () => {
  const primary = await trio.primary();
  await primary.command("CONFIG", "SET", "min-replicas-to-write", "0");
  onTestFinished(async () => {
    await primary.command("CONFIG", "SET", "min-replicas-to-write", "1");
  });
  const store = redisStore(options());
  onTestFinished(() => store.close());
  const fault = await store.start().catch((error) => error);
  expect([fault.code, fault.message]).toEqual(["misuse", expect.stringContaining("min-replicas-to-write 1")]);
  await openRedisStore(options(), { unfenced: true });
});

/** What a call comes to before long. */
async function patiently<T>(call: () => Promise<T>): Promise<T> {
  for (const started = performance.now(); ; await wait(20)) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() - started > 20_000) throw error;
    }
  }
}

test("fail-over: what was revoked stays revoked, and readers start anew", async () => {
  const prefix = aPrefix();
  const stores = [
    await openRedisStore(options(), { prefix }),
    await openRedisStore(options(), { prefix }),
  ] as const;
  const [store, other] = stores;
  const people = await Promise.all(Array.from({ length: 60 }, () => signUp(store)));
  const look = (on: Store, after: string | null) =>
    on.readChanges({ after, limit: 99, waitMs: 0, lease: null });
  const { position } = await look(other, null);
  const { life } = await other.readLeases(null);
  const primary = await trio.primary();
  const revoked: string[] = [];
  // Killed in the middle of it.
  const revocations = people.slice(0, 50).map(async ({ session }, i) => {
    await wait(i * 4);
    if (await store.endSession(session.id, "revoked").catch(() => false)) revoked.push(session.id);
  });
  await wait(100);
  const started = performance.now();
  await primary.kill();
  await Promise.all(revocations);
  expect(revoked.length).toBeGreaterThan(0);
  const page = await patiently(() => look(other, position));
  process.stdout.write(`fail-over took ${Math.round(performance.now() - started)} ms\n`);
  expect(page.reset).toBe("moved");
  expect((await other.readLeases(null)).life).not.toBe(life);
  expect(await trio.primary()).not.toBe(primary);
  for (const { session } of people) {
    const read = await patiently(() => other.readSession(session.id));
    // Lost is what was not confirmed; accepted is none that was answered as revoked.
    if (revoked.includes(session.id)) expect(read.session?.endReason).toBe("revoked");
  }
  // What was answered is in the log that the new primary has.
  const ended = (await look(other, null)).changes.map(({ change }) =>
    "sessionId" in change ? change.sessionId : "",
  );
  expect(ended).toEqual(expect.arrayContaining(revoked));
  await primary.start("--replicaof", `127.0.0.1 ${(await trio.primary()).port}`);
  expect(await patiently(() => store.endSession(people[59]?.session.id ?? anId(), "revoked"))).toBe(true);
});

test("a primary that comes back from a pause does not answer for what happened meanwhile", async () => {
  const prefix = aPrefix();
  const [store, other] = [
    await openRedisStore(options(), { prefix }),
    await openRedisStore(options(), { prefix }),
  ];
  const { user, session } = await signUp(store);
  const old = await trio.primary();
  // All replicas have it before anything happens.
  await store.endSession((await signUp(store)).session.id, "revoked");
  old.pause();
  onTestFinished(() => old.resume());
  await patiently(() => other.banUser(user.id, { until: null, reason: null }));
  expect(await trio.primary()).not.toBe(old);
  old.resume();
  for (let i = 0; i < 100; i++) {
    const answers = await Promise.all(
      [store, other].map((on) => on.readSession(session.id).catch(() => undefined)),
    );
    for (const read of answers) if (read !== undefined) expect(read.user?.status).toBe("banned");
    await wait(10);
  }
  // And whoever asks the old one alone is not told anything either.
  const direct = redisStore(old.url, { prefix });
  onTestFinished(() => direct.close());
  const answer = await direct.start().then(
    () => direct.readSession(session.id),
    (error) => error.code,
  );
  expect(answer).toBe("cannot_tell");
});
