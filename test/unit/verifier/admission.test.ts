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
