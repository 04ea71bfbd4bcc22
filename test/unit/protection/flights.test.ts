import { expect, test } from "vitest";
import { makeStage, outcomeOf, tally } from "./stage.ts";

/** Takes its time, as a real one does: what comes at once is under way at once. */
const hasher = {
  async hash(text: string) {
    return text;
  },
  async verify(hash: string, text: string) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    return hash === text;
  },
};
const password = "correct horse battery";

test("a hundred right sign-ins at once, of one account from one address, all pass", async () => {
  const { signIn } = await makeStage({ passwords: { hasher } });
  const all = Array.from({ length: 100 }, async () => outcomeOf(await signIn({ ip: "192.0.2.1" })));
  expect(tally(await Promise.all(all))).toEqual({ "signed in": 100 });
});

test("a right one among fifty wrong ones at once costs nobody more guesses than one after the other", async () => {
  const { signIn } = await makeStage({ passwords: { hasher } });
  const guesses = Array.from({ length: 50 }, async (_, at) =>
    outcomeOf(await signIn({ password: at === 4 ? password : "a guess" })),
  );
  const { "signed in": right, invalid_credentials: wrong = 0 } = tally(await Promise.all(guesses));
  expect(right).toBe(1);
  expect(wrong).toBeLessThanOrEqual(9 + 10);
});
