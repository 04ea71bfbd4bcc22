import type { Refusal, SignedIn } from "latchkey";
import { afterEach, expect, test, vi } from "vitest";
import { known, makeStage, outcomeOf, password, stopTime, tally, waitOf } from "./stage.ts";

afterEach(() => void vi.useRealTimers());

const wrong = { password: "a guess" };

test("ten wrong passwords follow each other freely, the eleventh is refused before anything is hashed", async () => {
  const { signIn, signIns, looks } = await makeStage();
  expect(tally(await signIns(10, wrong))).toEqual({ invalid_credentials: 10 });
  expect(looks()).toBe(10);
  expect(waitOf(await signIn(wrong))).toBe(30);
  expect(waitOf(await signIn({})), "the right password, too").toBe(30);
  expect(looks()).toBe(10);
});

test("what Retry-After says is true, and each pause is twice as long as the one before, up to the longest", async () => {
  const time = stopTime();
  const { signIn, signIns } = await makeStage();
  await signIns(10, wrong);
  const waits: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    const wait = waitOf(await signIn(wrong));
    waits.push(wait);
    await time.pass(wait - 1);
    expect(waitOf(await signIn(wrong)), "asking does not lengthen the pause").toBe(1);
    await time.pass(1);
    expect(outcomeOf(await signIn(wrong))).toBe("invalid_credentials");
  }
  expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900, 900]);
});

test("no more than 110 guesses a day", async () => {
  const time = stopTime();
  const { signIn, looks } = await makeStage();
  for (let minute = 0; minute < 24 * 60 - 1; minute++) {
    for (let second = 0; second < 60; second += 30) {
      await signIn(wrong);
      await time.pass(30);
    }
  }
  expect(looks()).toBeGreaterThan(50);
  expect(looks()).toBeLessThanOrEqual(110);
});

test("a sign-in makes earlier failures forgotten", async () => {
  const { signIn, signIns } = await makeStage();
  for (let round = 0; round < 3; round++) {
    await signIns(9, wrong);
    expect(outcomeOf(await signIn({}))).toBe("signed in");
  }
  await signIns(9, wrong);
  expect(outcomeOf(await signIn({})), "the tenth, which begins a pause").toBe("signed in");
  expect(tally(await signIns(10, wrong)), "and ends it").toEqual({ invalid_credentials: 10 });
});

test("failures are forgotten after a day", async () => {
  const time = stopTime();
  const { signIns } = await makeStage();
  await signIns(10, wrong);
  await time.pass(86_400);
  expect(tally(await signIns(10, wrong))).toEqual({ invalid_credentials: 10 });
});

test("fifty guesses at once: ten pass", async () => {
  const { signIn, looks } = await makeStage();
  const outcomes = await Promise.all(Array.from({ length: 50 }, async () => outcomeOf(await signIn(wrong))));
  expect(tally(outcomes)).toEqual({ invalid_credentials: 10, rate_limited: 40 });
  expect(looks()).toBe(10);
});

test("fifty guesses at once as a pause ends: one passes", async () => {
  const time = stopTime();
  const { signIn, signIns } = await makeStage();
  await signIns(10, wrong);
  await time.pass(30);
  const outcomes = await Promise.all(Array.from({ length: 50 }, async () => outcomeOf(await signIn(wrong))));
  expect(tally(outcomes)).toEqual({ invalid_credentials: 1, rate_limited: 49 });
});

test("every spelling of an address is one account", async () => {
  const { signIn, signIns } = await makeStage();
  for (const email of ["ADA@EXAMPLE.COM", "Ada@example.com", "ada＠example.com", "ａda@example.com", known]) {
    expect(tally(await signIns(2, { ...wrong, email }))).toEqual({ invalid_credentials: 2 });
  }
  expect(outcomeOf(await signIn({ ...wrong, email: "aDa@eXample.com" }))).toBe("rate_limited");
});

test("an account that does not exist is limited as one that does", async () => {
  const { signIn, signIns } = await makeStage();
  const nobody = { ...wrong, email: "nobody@example.com" };
  expect(await signIns(12, nobody)).toEqual(await signIns(12, wrong));
  expect(await signIn(nobody)).toEqual(await signIn(wrong));
});

test("accounts do not share a count", async () => {
  const { signIns } = await makeStage();
  await signIns(11, { ...wrong, email: "nobody@example.com" });
  expect(tally(await signIns(10, wrong))).toEqual({ invalid_credentials: 10 });
});

test("what was not judged does not count", async () => {
  let busy = true;
  const hasher = {
    hash: async (text: string) => text,
    async verify(hash: string, text: string) {
      if (busy) throw new Error("the hasher is down");
      return hash === text;
    },
  };
  const { signIn, signIns } = await makeStage({ passwords: { hasher } });
  for (let time = 0; time < 20; time++) await expect(signIn(wrong)).rejects.toThrow("down");
  busy = false;
  expect(tally(await signIns(10, wrong))).toEqual({ invalid_credentials: 10 });
});

test("the right password of a banned user is no guess", async () => {
  const { auth, signIns } = await makeStage();
  const user = await auth.api.getUser({ email: known });
  await auth.api.banUser({ userId: user?.id ?? "" });
  expect(tally(await signIns(30, {}))).toEqual({ user_banned: 30 });
});

test("the password of a signed-in person has a count of its own", async () => {
  const { auth, signIn, signIns, device } = await makeStage();
  expect((await signIns(20, wrong)).at(-1)).toBe("rate_limited");
  const request = requestAs(await signIn({ device }));
  const current = await auth.authenticate(request);
  if (!current.ok) throw new Error(current.code);
  const change = (typed: string) =>
    auth.api.changePassword({ current, currentPassword: typed, newPassword: "another long password" });
  const remove = (typed: string) => auth.api.deleteUser({ userId: current.user.id, password: typed });
  for (let time = 0; time < 5; time++) {
    expect(await change("a guess")).toMatchObject({ code: "wrong_password" });
    expect(await remove("a guess")).toMatchObject({ code: "wrong_password" });
  }
  expect(await change(password)).toMatchObject({ code: "rate_limited", retryAfter: 30 });
  expect(await remove(password)).toMatchObject({ code: "rate_limited", retryAfter: 30 });
});

function requestAs(signedIn: SignedIn | Refusal): Request {
  const token =
    signedIn.ok && "sessionToken" in signedIn.credentials ? signedIn.credentials.sessionToken : "none";
  return new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });
}
