import type { SessionId, SessionRead } from "latchkey";
import { expect, test } from "vitest";
import { makeLookup } from "../../../packages/latchkey/src/replica/lookup.ts";

const one = "AAAAAAAAAAAAAAAAAAAAAA" as SessionId;

/** A store that answers when told to. */
function stage() {
  const asked: { resolve: () => void; reject: () => void; id: string }[] = [];
  let time = 0;
  const readSession = (id: SessionId): Promise<SessionRead> =>
    new Promise((resolve, reject) => {
      const n = asked.length;
      const answer = { session: undefined, user: undefined, globalEpoch: n, keysVersion: 0, now: 0 };
      asked.push({ id, resolve: () => resolve(answer), reject: () => reject(new Error("down")) });
    });
  const pass = (ms: number): void => {
    time += ms;
  };
  return { asked, pass, lookup: makeLookup({ readSession }, () => time) };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

test("who asks while a question is under way shares the next one, never that one", async () => {
  const { asked, lookup } = stage();
  const first = lookup(one, undefined);
  const others = [lookup(one, undefined), lookup(one, undefined), lookup(one, undefined)];
  expect(asked).toHaveLength(1);
  asked[0]?.resolve();
  await settle();
  expect(asked).toHaveLength(2);
  const latest = lookup(one, undefined);
  asked[1]?.resolve();
  await settle();
  expect(asked).toHaveLength(3);
  asked[2]?.resolve();
  expect((await first).globalEpoch).toBe(0);
  expect((await Promise.all(others)).map((it) => it.globalEpoch)).toEqual([1, 1, 1]);
  expect((await latest).globalEpoch).toBe(2);
});

test("one session waits for no other, and no more than 64 are asked for at once", async () => {
  const { asked, lookup } = stage();
  const many = Array.from({ length: 64 }, (_, i) => lookup(`${i}` as SessionId, undefined));
  expect(asked).toHaveLength(64);
  await expect(lookup("another" as SessionId, undefined)).rejects.toMatchObject({
    code: "cannot_tell",
    retryAfter: 1,
  });
  for (const it of asked) it.resolve();
  await Promise.all(many);
  const again = lookup("another" as SessionId, undefined);
  asked.at(-1)?.resolve();
  await again;
});

test("after a failure nobody is asked for a moment, then somebody is", async () => {
  const { asked, lookup, pass } = stage();
  const failed = lookup(one, undefined);
  asked[0]?.reject();
  await expect(failed).rejects.toThrow("down");
  await expect(lookup(one, undefined)).rejects.toMatchObject({ code: "cannot_tell" });
  expect(asked).toHaveLength(1);
  pass(250);
  const next = lookup(one, undefined);
  asked[1]?.resolve();
  await next;
});

test("a failure fails those who share the question, and the next caller asks anew", async () => {
  const { asked, lookup, pass } = stage();
  const first = lookup(one, undefined).catch(() => "failed");
  const shared = [lookup(one, undefined), lookup(one, undefined)].map((it) => it.catch(() => "failed"));
  asked[0]?.reject();
  expect(await first).toBe("failed");
  expect(await Promise.all(shared)).toEqual(["failed", "failed"]);
  pass(250);
  const next = lookup(one, undefined);
  asked.at(-1)?.resolve();
  expect((await next).now).toBe(0);
});
