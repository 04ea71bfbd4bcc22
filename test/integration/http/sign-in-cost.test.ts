import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { makeApp, outcome, whoIs } from "../../support/http/app.ts";
import type { Answer, Person } from "../../support/http/device.ts";
import { measureUntil, median, timed } from "../../support/http/measure.ts";

// With the real hasher: what a sign-in costs must not tell who has an account, and a storm of them stops no check.

const real = { realTime: true, passwords: {} };

describe("the time of a refused sign-in", () => {
  test("is the same for an unknown address, a wrong password and a banned account", async () => {
    const app = await makeApp(real);
    const known = await app.enrol();
    const banned = await app.enrol();
    await app.auth.api.banUser({ userId: banned.id });
    const password = "a wrong password";
    const tries: { readonly [who: string]: Person } = {
      unknown: { email: "nobody@example.test", password },
      wrong: { email: known.email, password },
      banned: { email: banned.email, password },
    };
    await app.device().signIn({ email: "first@example.test", password }); // loads the hasher
    const times: { [who: string]: number[] } = { unknown: [], wrong: [], banned: [] };
    const bodies = new Set<string>();
    const tryEach = async (): Promise<readonly number[]> => {
      for (let round = 0; round < 15; round++) {
        // By turns: whoever comes first in a round is measured slower, whoever they are.
        const all = Object.entries(tries);
        for (const [who, person] of [...all.slice(round % 3), ...all.slice(0, round % 3)]) {
          const { result, ms } = await timed(() => app.device().signIn(person));
          times[who]?.push(ms);
          bodies.add(JSON.stringify([result.status, result.text, [...result.headers]]));
        }
      }
      const [unknown = Number.NaN, ...known] = Object.values(times).map(median);
      return known.map((one) => unknown / one);
    };
    const isAlike = (ratio: number): boolean => ratio > 0.75 && ratio < 1.33;
    const ratios = await measureUntil(4, (all) => all.every(isAlike), tryEach);
    expect([...bodies]).toEqual([expect.stringContaining("invalid_credentials")]);
    expect(
      ratios.filter((ratio) => !isAlike(ratio)),
      "unknown / wrong, unknown / banned",
    ).toEqual([]);
  });

  test("is that of a hash also for the first ever, and for a user without a password", async () => {
    const app = await makeApp(real);
    const made = await app.opened.store.createUser({
      id: "without",
      email: "without@example.test",
      name: null,
      roles: [],
      passwordHash: null,
    });
    expect(made.ok).toBe(true);
    for (const email of ["without@example.test", "nobody@example.test"]) {
      for (const password of ["a wrong password", "null", "undefined"]) {
        const { result, ms } = await timed(() => app.device().signIn({ email, password }));
        expect(outcome(result)).toBe("invalid_credentials");
        expect(ms).toBeGreaterThan(5);
      }
    }
  });
});

describe("two hundred sign-ins at once", () => {
  test("some are told to come back, none fails, and checks go on as if nothing were", async () => {
    const app = await makeApp(real);
    const { device, userId } = await app.arrive("web");
    const person = await app.enrol();
    let answers: readonly Answer[] = [];
    const isGood = (one: { middle: number; slowest: number }): boolean =>
      one.middle < 30 && one.slowest < 250;
    const { middle, slowest, count } = await measureUntil(3, isGood, async () => {
      let storm = true;
      const attempts = Promise.all(
        Array.from({ length: 200 }, () => app.device("mobile").signIn(person)),
      ).finally(() => {
        storm = false;
      });
      await sleep(1); // the requests themselves are made by this very process
      const checks: number[] = [];
      while (storm) {
        const { result, ms } = await timed(() => whoIs(device));
        expect(result).toBe(userId);
        checks.push(ms);
        await sleep(5);
      }
      answers = await attempts;
      return { middle: median(checks), slowest: Math.max(...checks), count: checks.length };
    });
    const counts = new Map<string | number, number>();
    for (const answer of answers) counts.set(outcome(answer), (counts.get(outcome(answer)) ?? 0) + 1);
    expect([...counts.keys()].sort()).toEqual([200, "busy"]);
    // As many as can be hashed before those who wait are told so: on a busy machine a few.
    expect(counts.get(200), "signed in").toBeGreaterThanOrEqual(5);
    const busy = answers.filter(({ code }) => code === "busy");
    expect(
      busy.every(({ status, headers }) => status === 503 && Number(headers.get("retry-after")) > 0),
    ).toBe(true);
    expect(middle, "ms of a check, in the middle").toBeLessThan(30);
    expect(slowest, "ms of the slowest check").toBeLessThan(250);
    expect(count, "checks during the storm").toBeGreaterThan(20);
    expect(outcome(await app.device("mobile").signIn(person)), "afterwards").toBe(200);
    expect(app.logged).toEqual([]);
  });
});
