import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../../bench/guard.js", import.meta.url));

/**
 * Most that each may be, in processor time and as ratios to floors of the same rounds: generous, so that a busy machine
 * does not decide, and still below what each was before it was made fast (in brackets).
 */
const bounds = {
  // (1.3 to 1.6: entries of the cache made by spreading)
  "jwt-live to a Map look-up": 1,
  "session-live to a Map look-up": 1,
  "cookie to a Map look-up": 1.3,
  "jwt-live with 50,000 revocations to none": 1.5,
  // Alone. (1.5: payloads read into a buffer each and written again)
  "cold HS256 to a check by hand": 1.4,
  // (4.4: results kept in a WeakMap, spreads, payloads read without Buffer; 2.2 to 2.9: without their layout)
  "cold HS256 to a check by hand, beside live ones": 2.2,
  "cold EdDSA to a bare verify": 1.6,
} as const;

/** What the wall clock says takes 16 (`Date.now()` alone), each number more would be another 16. */
const mostBytes = 24;

type Measured = { readonly ratios: { readonly [name: string]: number }; readonly bytes: number };

let runs: Measured[] = [];

/** The best of what was measured: what is slow is slow every time. */
function best(name: string): number {
  return Math.min(...runs.map(({ ratios }) => ratios[name] ?? Number.NaN));
}

const leastBytes = (): number => Math.min(...runs.map(({ bytes }) => bytes));

/** In a process of its own and as published: what runs tests rewrites imports, and is slower for it. */
function measure(): Measured {
  const node = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64", script];
  const { stdout, stderr, status } = spawnSync(process.execPath, node, { encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return JSON.parse(stdout);
}

beforeAll(() => {
  runs = [];
  const isWithin = (): boolean =>
    Object.entries(bounds).every(([name, bound]) => best(name) < bound) && leastBytes() < mostBytes;
  for (let i = 0; i < 3 && (i === 0 || !isWithin()); i++) runs.push(measure());
}, 180_000);

describe("a check costs no more than so many times its floor", () => {
  it.each(Object.entries(bounds))("%s: %s", (name, bound) => {
    expect(best(name)).toBeLessThan(bound);
  });
});

it("a check of what is remembered costs a tenth of a cold one at most", () => {
  const most = Math.max(...runs.map(({ ratios }) => ratios["cold HS256 to warm jwt-live"] ?? 0));
  expect(most).toBeGreaterThan(10);
});

it("a warm check makes nothing but the number of the wall clock", () => {
  expect(leastBytes()).toBeLessThan(mostBytes);
});
