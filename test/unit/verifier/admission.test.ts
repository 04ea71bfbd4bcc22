import type { Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { expect, test } from "vitest";
import { clientSecret, issuer, makeStage, type Stage } from "./stage.ts";

async function makeReader({ auth }: Stage, service: string) {
  const answer = await auth.handler(
    new Request(`${issuer}/oauth2/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa(`${service}:${clientSecret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body: "grant_type=client_credentials&scope=changes%3Aread",
    }),
  );
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return async (
    lease: string | null,
    { waitMs = 0, duration = 60_000, counter = 1 } = {},
  ): Promise<number> => {
    const named = lease === null ? null : { id: lease, counter, node: "n", duration, accepts: false };
    const { status } = await auth.handler(
      new Request(`${issuer}/changes`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        body: JSON.stringify({ after: null, waitMs, nonce: "n", lease: named }),
      }),
    );
    return status;
  };
}

test("a service has so many leases at most; those it has it may renew, and others have theirs", async () => {
  const stage = await makeStage();
  const read = await makeReader(stage, "partner");
  const answers: number[] = [];
  for (let i = 0; i < 1010; i++) answers.push(await read(`lease-${i}`));
  expect(answers.filter((status) => status === 200)).toHaveLength(1000);
  expect(answers.slice(1000)).toEqual(Array(10).fill(503));
  expect((await stage.auth.api.listVerifiers()).length).toBeLessThanOrEqual(1001);
  expect(await read("lease-0", { counter: 2 })).toBe(200);
  expect(await read(null)).toBe(200);
  expect(await (await makeReader(stage, "orders"))("lease")).toBe(200);
  expect(await read("lease-1", { duration: 0 }), "given back").toBe(200);
  expect(await read("lease-1005")).toBe(200);
});

test("a lease that is longer than the server's own is declared before it is granted", async () => {
  const inner = memoryStore();
  const events: string[] = [];
  const store: Store = {
    ...inner,
    declareLongest: (longest) => {
      events.push(`longest ${longest.lease}`);
      return inner.declareLongest(longest);
    },
    readChanges: (read) => {
      if (read.lease?.node === "orders n") events.push(`lease ${read.lease.duration}`);
      return inner.readChanges(read);
    },
  };
  const read = await makeReader(await makeStage({ store }), "orders");
  events.length = 0;
  const asked = [2450, 9000, 9000, 5000, 600_000];
  for (const [i, duration] of asked.entries()) await read("lease", { duration, counter: i + 1 });
  expect(events).toEqual([
    ...["lease 2450", "longest 9000", "lease 9000", "lease 9000", "lease 5000"],
    ...["longest 66250", "lease 66250"],
  ]);
  expect((await inner.readLeases(null)).longestLease).toBe(66_250);
});

test("a store that has turned out to be an older copy is told again", async () => {
  const inner = memoryStore();
  const told: number[] = [];
  let isOlder = false;
  const store: Store = {
    ...inner,
    declareLongest: (longest) => {
      told.push(longest.lease);
      return inner.declareLongest(longest);
    },
    readLeases: async (at) => ({
      ...(await inner.readLeases(at)),
      ...(isOlder ? { longestLease: 2450 } : {}),
    }),
    readChanges: async (read) => ({
      ...(await inner.readChanges(read)),
      ...(isOlder && read.lease?.node === "orders n" ? { reset: "moved" as const } : {}),
    }),
  };
  const read = await makeReader(await makeStage({ store }), "orders");
  told.length = 0;
  expect(await read("lease", { duration: 9000 })).toBe(200);
  isOlder = true;
  for (const counter of [2, 3]) expect(await read("lease", { duration: 9000, counter })).toBe(200);
  expect(told).toEqual([9000, 9000]);
});

test("one that cannot be declared is not granted", async () => {
  const inner = memoryStore();
  let isDown = false;
  const down = () => Promise.reject(new Error("down"));
  const stage = await makeStage({
    store: { ...inner, declareLongest: (longest) => (isDown ? down() : inner.declareLongest(longest)) },
  });
  const read = await makeReader(stage, "orders");
  isDown = true;
  expect(await read("lease", { duration: 9000 })).toBe(503);
  expect((await inner.readLeases(null)).leases.filter(({ node }) => node.startsWith("orders"))).toEqual([]);
  isDown = false;
  expect(await read("lease", { duration: 9000 })).toBe(200);
});

test("and so many requests at once: whoever waits takes room", async () => {
  const stage = await makeStage();
  const [read, other] = [await makeReader(stage, "partner"), await makeReader(stage, "orders")];
  const waiting = Array.from({ length: 1010 }, () => read(null, { waitMs: 2000 }));
  expect(await other(null)).toBe(200);
  const answers = await Promise.all(waiting);
  expect(answers.filter((status) => status === 503)).toHaveLength(10);
  expect(await read(null), "once they have gone").toBe(200);
});

test("a store that never answers is a fault, and takes no room for ever", async () => {
  const inner = memoryStore();
  const stage = await makeStage({ store: { ...inner, readChanges: () => new Promise(() => undefined) } });
  const read = await makeReader(stage, "orders");
  expect(await read("lease")).toBe(503);
});
