import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ended, makePackedSessions } from "../../../packages/latchkey/src/replica/knowledge/packed.ts";

const anId = (): string => randomBytes(16).toString("base64url");
const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((it) => Buffer.from(it).toString("base64url"));

test("keeps the highest of each session, and finds nothing else (model: a Map)", () => {
  const step = fc.tuple(id, fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 100 }));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), fc.array(id, { maxLength: 20 }), (steps, others) => {
      const packed = makePackedSessions(() => 0);
      const model = new Map<string, number>();
      // Few different ids, so that they meet each other.
      for (const [one, epoch, until] of [...steps, ...steps.slice(0, 20)]) {
        packed.raise(one, epoch, until);
        model.set(one, Math.max(model.get(one) ?? 0, epoch));
      }
      for (const [one, epoch] of model) expect(packed.get(one)).toBe(epoch);
      for (const other of others) expect(packed.get(other)).toBe(model.get(other) ?? 0);
      const visited = new Map<string, number>();
      packed.forEachKept(0, (one, epoch) => visited.set(one, epoch));
      expect(visited).toEqual(model);
      expect(packed.size).toBe(model.size);
    }),
    { numRuns: 300 },
  );
});

test("grows with what must be kept and forgets what need not be", () => {
  let now = 0;
  const packed = makePackedSessions(() => now);
  const [old, young] = [Array.from({ length: 5000 }, anId), Array.from({ length: 5000 }, anId)];
  for (const one of old) packed.raise(one, ended, 10);
  const before = packed.bytes;
  now = 10;
  for (const one of young) packed.raise(one, 3, 20);
  expect(packed.bytes).toBeLessThanOrEqual(before);
  expect(young.every((one) => packed.get(one) === 3)).toBe(true);
  const stillThere = old.filter((one) => packed.get(one) === ended).length;
  expect(stillThere).toBeLessThan(5000);
});

test("what is raised again is kept for longer", () => {
  let now = 0;
  const packed = makePackedSessions(() => now);
  const one = anId();
  packed.raise(one, 2, 10);
  packed.raise(one, 1, 30);
  now = 20;
  for (let i = 0; i < 2000; i++) packed.raise(anId(), 1, 21);
  expect(packed.get(one)).toBe(2);
});

test.each([
  "",
  "x",
  "a".repeat(21),
  "a".repeat(23),
  `${"a".repeat(21)}é`,
  `${"a".repeat(21)} `,
  "€".repeat(22),
])("%j is no session and is known of never", (text) => {
  const packed = makePackedSessions(() => 0);
  packed.raise(text, ended, 10);
  expect(packed.get(text)).toBe(0);
  expect(packed.size).toBe(0);
});

test("a million revoked sessions take less than 64 MB", () => {
  const packed = makePackedSessions(() => 0);
  const bytes = randomBytes(16);
  for (let i = 0; i < 1_000_000; i++) {
    bytes.writeUInt32BE((i * 2_654_435_761) >>> 0, 0);
    bytes.writeUInt32BE(i, 12);
    packed.raise(bytes.toString("base64url"), ended, 10);
  }
  expect(packed.size).toBe(1_000_000);
  expect(packed.bytes).toBeLessThanOrEqual(64_000_000);
});
