import { equal } from "../../store/contract/stage/assert.ts";
import { addAndFind, aPerson, nobody, type Scene, type UsersCase } from "./scene.ts";

/** Passwords with what is not them, though a careless hasher takes it. */
const passwords: readonly (readonly [string, readonly string[]])[] = [
  [
    "Correct horse battery",
    ["correct horse battery", "Correct horse battery ", "Correct horse batter", "", "null"],
  ],
  ["  two spaces  ", ["two spaces", " two spaces ", "  two spaces"]],
  ["pa\u0301sswo\u0308rd \u2603", ["password \u2603", "pa\u0301sswo\u0308rd ?", "pa\u0301sswo\u0308rd"]],
  // bcrypt looks at 72 bytes.
  [`${"x".repeat(72)}a`, ["x".repeat(72), `${"x".repeat(72)}b`]],
  ["é".repeat(512), ["é".repeat(511), "é".repeat(513)]],
];

/** Measurements that a busy machine spoils are taken again. */
const maxMeasures = 5;
const rounds = 7;

/** What the port says of checking passwords. */
export const passwordCases: readonly UsersCase[] = [
  [
    "checkPassword takes the password as it was typed, and nothing else",
    async ({ table, users }) => {
      for (const [i, [password, others]] of passwords.entries()) {
        const id = await table.add(aPerson({ email: `person-${i}@example.test`, password }));
        equal(await users.checkPassword(id, password), true, `password ${i}`);
        for (const [j, other] of others.entries())
          equal(await users.checkPassword(id, other), false, `not password ${i}, ${j}`);
      }
    },
  ],
  [
    "checkPassword is false for another's password, for nobody and for whoever is gone",
    async (scene) => {
      const { table, users } = scene;
      const { password } = aPerson();
      const { id } = await addAndFind(scene);
      const other = "another person's password";
      await table.add(aPerson({ email: "bob@example.test", password: other }));
      equal(await users.checkPassword(id, other), false, "another's");
      for (const one of [null, nobody, "", "0", "null", "%", "' or 1=1 --"])
        equal(await users.checkPassword(one, password), false, JSON.stringify(one));
      await table.remove(id);
      equal(await users.checkPassword(id, password), false, "who is gone");
    },
  ],
  [
    "checkPassword takes as long where there is nobody as for a wrong password",
    async (scene) => {
      const { id } = await addAndFind(scene);
      for (let measure = 1; ; measure++) {
        const { wrong, unknown, gone } = await timesOf(scene, id);
        // Faster than this hashes no password that is worth it; then the table is one for tests.
        const isAlike = wrong < 1 || (unknown > wrong / 2 && gone > wrong / 2);
        if (isAlike) return;
        const seen = `${wrong.toFixed(1)} ms for a wrong one, ${unknown.toFixed(1)} and ${gone.toFixed(1)} for nobody`;
        if (measure === maxMeasures) throw new Error(`the time tells who has an account: ${seen}`);
      }
    },
  ],
];

/** The middle of some times each, by turns. */
async function timesOf(
  { users }: Scene,
  id: string,
): Promise<{ readonly wrong: number; readonly unknown: number; readonly gone: number }> {
  const times = { wrong: [] as number[], unknown: [] as number[], gone: [] as number[] };
  const ids = { wrong: id, unknown: null, gone: nobody };
  for (let round = 0; round < rounds; round++) {
    for (const who of ["wrong", "unknown", "gone"] as const) {
      const started = performance.now();
      await users.checkPassword(ids[who], "a wrong password");
      times[who].push(performance.now() - started);
    }
  }
  return { wrong: middle(times.wrong), unknown: middle(times.unknown), gone: middle(times.gone) };
}

function middle(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}
