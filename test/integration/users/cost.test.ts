import { expect, onTestFinished, test } from "vitest";
import { makeApp, outcome } from "../../support/http/app.ts";
import { makePerson } from "../../support/http/device.ts";
import { measureUntil, median, timed } from "../../support/http/measure.ts";
import { sqliteTable } from "../../support/users/sqlite-table.ts";

test("over an application's table, what a sign-in takes does not tell who has an account", async () => {
  const table = await sqliteTable();
  onTestFinished(async () => void (await table.dispose()));
  const app = await makeApp({ realTime: true, users: table.users });
  const [known, fresh, banned] = [makePerson(), makePerson(), makePerson()];
  await table.add(known);
  await table.add(fresh);
  await table.add({ ...banned, status: "banned" });
  await app.device().signIn(known); // who is known to us, and who is not yet
  const password = "a wrong password";
  const tries = {
    unknown: { email: "nobody@example.test", password },
    known: { ...known, password },
    fresh: { ...fresh, password },
    banned: { ...banned, password },
  };
  const times: { [who: string]: number[] } = { unknown: [], known: [], fresh: [], banned: [] };
  const ratios = await measureUntil(
    4,
    (all) => all.every(isAlike),
    async () => {
      for (let round = 0; round < 15; round++) {
        const all = Object.entries(tries);
        for (const [who, person] of [...all.slice(round % 4), ...all.slice(0, round % 4)]) {
          const { result, ms } = await timed(() => app.device().signIn(person));
          expect(outcome(result)).toBe("invalid_credentials");
          times[who]?.push(ms);
        }
      }
      const [unknown = Number.NaN, ...others] = Object.values(times).map(median);
      return others.map((one) => unknown / one);
    },
  );
  expect(
    ratios.filter((ratio) => !isAlike(ratio)),
    "unknown / known, fresh, banned",
  ).toEqual([]);
});

function isAlike(ratio: number): boolean {
  return ratio > 0.75 && ratio < 1.33;
}
