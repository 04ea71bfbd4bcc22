import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ChangesPage, Store } from "latchkey";
import { expect, onTestFinished, test } from "vitest";
import { startRedis } from "../../support/servers/redis.ts";
import { aPrefix, openRedisStore } from "../../support/servers/redis-store.ts";
import { signUp } from "./people.ts";

const script = fileURLToPath(new URL("redis-child.mjs", import.meta.url));
const writers = 8;
const total = Number(process.env.LATCHKEY_CHANGES ?? 4000);

test(`${writers} processes write ${total} changes, and three readers see each once and in order`, async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const prefix = aPrefix();
  const readers = await Promise.all([1, 2, 3].map(() => openRedisStore(server.url, { prefix })));
  const children = Array.from({ length: writers }, () =>
    fork(script, [server.url, prefix, `${total / writers}`]),
  );
  onTestFinished(() => {
    for (const child of children) child.kill("SIGKILL");
  });
  await Promise.all(children.map((child) => once(child, "message")));
  let writing = true;
  const delays: number[] = [];
  const wrong: object[] = [];

  async function follow(store: Store): Promise<number> {
    let [seen, last] = [0, 0];
    let page: ChangesPage = await store.readChanges({ after: null, limit: 100, waitMs: 0, lease: null });
    for (let isLast = false; ; ) {
      expect(page.reset).toBe(false);
      const now = Date.now();
      for (const { at, change } of page.changes) {
        seen += 1;
        // Each raises the epoch: what is double or out of order shows; what is missing, in the sum.
        if (change.kind !== "global_epoch" || change.epoch <= last) wrong.push({ seen, change });
        else last = change.epoch;
        delays.push(now - at);
      }
      if (page.atHead && isLast) return seen;
      isLast = !writing;
      const limit = 1 + Math.floor(Math.random() * 300);
      page = await store.readChanges({
        after: page.position,
        limit,
        waitMs: page.atHead ? 250 : 0,
        lease: null,
      });
    }
  }

  const following = readers.map(follow);
  const started = performance.now();
  for (const child of children) child.send("go");
  await Promise.all(children.map((child) => once(child, "exit")));
  const seconds = (performance.now() - started) / 1000;
  writing = false;
  const seen = await Promise.all(following);
  expect(wrong.slice(0, 3)).toEqual([]);
  expect(seen[0]).toBeGreaterThanOrEqual(total);
  expect(new Set(seen).size).toBe(1);
  delays.sort((a, b) => a - b);
  const at = (part: number): number => delays[Math.floor(delays.length * part)] ?? 0;
  process.stdout.write(
    `${total} changes in ${seconds.toFixed(1)} s; read ${at(0.5)} ms later (median), ${at(0.99)} ms (99 %)\n`,
  );
}, 600_000);

test("a reader that waits is woken at once by what another process writes, and by nothing else", async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const prefix = aPrefix();
  const [reader, writer] = [
    await openRedisStore(server.url, { prefix }),
    await openRedisStore(server.url, { prefix }),
  ];
  const { session } = await signUp(writer);
  let { position } = await reader.readChanges({ after: null, limit: 9, waitMs: 0, lease: null });
  const delays: number[] = [];
  for (let i = 0; i < 30; i++) {
    const waiting = reader.readChanges({ after: position, limit: 9, waitMs: 5000, lease: null });
    await new Promise((resolve) => setTimeout(resolve, 10));
    const written = performance.now();
    await writer.endEverything();
    const page = await waiting;
    delays.push(performance.now() - written);
    expect(page.changes.length).toBe(1);
    position = page.position;
  }
  delays.sort((a, b) => a - b);
  expect(delays[15]).toBeLessThan(100);
  const asked = performance.now();
  const waiting = reader.readChanges({ after: position, limit: 9, waitMs: 400, lease: null });
  await writer.touchSession(session.id, -1);
  await writer.declareLongest({ life: 1, lease: 1 });
  expect((await waiting).changes).toEqual([]);
  expect(performance.now() - asked).toBeGreaterThan(390);
});
