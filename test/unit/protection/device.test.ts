import type { Auth, EventType } from "latchkey";
import { afterEach, describe, expect, test, vi } from "vitest";
import { deviceOf, known, makeStage, outcomeOf, password, stopTime, tally } from "./stage.ts";

afterEach(() => void vi.useRealTimers());

const wrong = { password: "a guess" };
const tokenShape = /^lkd_[\w-]{22}\.[\w-]{43}$/;

test("two hundred guesses of strangers do not lock out the device that is known", async () => {
  const { signIn, signIns, device } = await makeStage();
  for (let stranger = 0; stranger < 200; stranger++) await signIn({ ...wrong, ip: `192.0.2.${stranger}` });
  expect(outcomeOf(await signIn({ ip: "198.51.100.1" })), "a new device").toBe("rate_limited");
  expect(outcomeOf(await signIn({ ip: "198.51.100.1", device }))).toBe("signed in");
  expect(tally(await signIns(20, { ip: "192.0.2.1", device })), "again and again").toEqual({
    "signed in": 20,
  });
  expect(outcomeOf(await signIn({ ip: "198.51.100.1" })), "which lets no stranger in").toBe("rate_limited");
});

test("a known device is not held up by the neighbours at its address", async () => {
  const { signIn, device } = await makeStage();
  const ip = "192.0.2.1";
  for (let user = 0; user < 60; user++) await signIn({ ...wrong, ip, email: `user${user}@example.com` });
  expect(outcomeOf(await signIn({ ip }))).toBe("rate_limited");
  expect(outcomeOf(await signIn({ ip, device }))).toBe("signed in");
});

test("failures on a known device count against it alone, and after ten of them it is worth nothing", async () => {
  const { signIn, signIns, device, looks } = await makeStage();
  expect(tally(await signIns(10, { ...wrong, device }))).toEqual({ invalid_credentials: 10 });
  expect(tally(await signIns(11, wrong)), "strangers still have all theirs").toEqual({
    invalid_credentials: 10,
    rate_limited: 1,
  });
  expect(outcomeOf(await signIn({ device })), "it now is one of them").toBe("rate_limited");
  expect(looks()).toBe(20);
});

test("fifty guesses at once from a known device: ten, and ten as a stranger", async () => {
  const { signIn, looks, device } = await makeStage();
  await Promise.all(Array.from({ length: 50 }, () => signIn({ ...wrong, device })));
  expect(looks()).toBe(20);
});

test("a sign-in makes the device's failures forgotten, and a day does", async () => {
  const time = stopTime();
  const { signIns, device } = await makeStage();
  await signIns(9, { ...wrong, device });
  expect(await signIns(1, { device })).toEqual(["signed in"]);
  await signIns(10, { ...wrong, device });
  await signIns(10, wrong);
  expect(await signIns(1, { device })).toEqual(["rate_limited"]);
  await time.pass(86_400);
  expect(await signIns(1, { device })).toEqual(["signed in"]);
});

describe("a device token", () => {
  test("is new at every sign-in, and each of them counts by itself", async () => {
    const { signIn, device } = await makeStage();
    const next = deviceOf(await signIn({ device }));
    expect([device, next]).toEqual([expect.stringMatching(tokenShape), expect.stringMatching(tokenShape)]);
    expect(next).not.toBe(device);
  });

  test("of one account is worth nothing for another", async () => {
    const { signIn, signIns, auth } = await makeStage();
    const other = await auth.api.signUpEmail({ email: "b@example.com", password, client: "mobile" });
    await signIns(10, wrong);
    expect(outcomeOf(await signIn({ device: deviceOf(other) }))).toBe("rate_limited");
  });

  test("of a deleted account is worth nothing for the next one of that address", async () => {
    const { signIn, signIns, auth, device } = await makeStage();
    await auth.api.removeUser({ userId: (await auth.api.getUser({ email: known }))?.id ?? "" });
    await auth.api.signUpEmail({ email: known, password, client: "mobile" });
    await signIns(10, wrong);
    expect(outcomeOf(await signIn({ device }))).toBe("rate_limited");
  });

  test("of another server is worth nothing", async () => {
    const { signIn, signIns } = await makeStage();
    const elsewhere = await makeStage();
    await signIns(10, wrong);
    expect(outcomeOf(await signIn({ device: elsewhere.device }))).toBe("rate_limited");
  });

  test("with one character changed is worth nothing", async () => {
    const { signIn, signIns, device } = await makeStage();
    await signIns(10, wrong);
    for (let at = 0; at < device.length; at++) {
      const changed = device.slice(0, at) + (device[at] === "A" ? "B" : "A") + device.slice(at + 1);
      expect(outcomeOf(await signIn({ device: changed })), changed).toBe("rate_limited");
    }
    expect(outcomeOf(await signIn({ device }))).toBe("signed in");
  });

  test("tells nothing of the account", async () => {
    const { auth, device, signIn } = await makeStage();
    const userId = (await auth.api.getUser({ email: known }))?.id ?? "";
    const parts = (token: string) => token.slice(4).split(".");
    const [again, other] = [parts(deviceOf(await signIn({ device }))), parts(device)];
    expect(
      again.filter((part) => other.includes(part)),
      "two of one account share nothing",
    ).toEqual([]);
    expect(device).not.toContain(userId);
    expect(Buffer.from(device.slice(4), "base64url").toString("latin1")).not.toContain("ada");
  });

  test("that is nonsense is no reason to refuse", async () => {
    const { signIn } = await makeStage();
    for (const device of ["", "x", "lkd_", "lkd_..", "\u0000", "lkd_".repeat(100)])
      expect(outcomeOf(await signIn({ device })), device).toBe("signed in");
  });
});

describe("a sign-in from a new device", () => {
  async function eventsOf(auth: Auth, type: EventType): Promise<number> {
    await new Promise((resolve) => setImmediate(resolve));
    return (await auth.api.listEvents({ type })).length;
  }

  test("raises an event, once written and once told", async () => {
    const { auth, signIn } = await makeStage();
    const told: unknown[] = [];
    auth.on("signed_in_new_device", (event) => told.push(event));
    const result = await signIn({ ip: "192.0.2.1" });
    const userId = (await auth.api.getUser({ email: known }))?.id;
    expect(await eventsOf(auth, "signed_in_new_device")).toBe(1);
    const sessionId = result.ok ? result.session.id : "";
    expect(told).toEqual([expect.objectContaining({ userId, sessionId, client: "mobile", ip: "192.0.2.1" })]);
  });

  test("is none at sign-up, at an account's first sign-in, or on a device that is known", async () => {
    const { auth, signIn, signIns, device } = await makeStage();
    await signIn({ device });
    await auth.api.createUser({ email: "c@example.com", password });
    const first = await signIn({ email: "c@example.com" });
    await signIn({ email: "c@example.com", device: deviceOf(first) });
    await signIns(10, { ...wrong, device });
    await signIn({ device });
    expect(await eventsOf(auth, "signed_in_new_device")).toBe(0);
    await signIn({ email: "c@example.com" });
    expect(await eventsOf(auth, "signed_in_new_device")).toBe(1);
  });

  test("is none if it failed", async () => {
    const { auth, signIns } = await makeStage();
    await signIns(20, wrong);
    expect(await eventsOf(auth, "signed_in_new_device")).toBe(0);
  });
});

describe("a failed sign-in", () => {
  test("stands in the audit log, without what was typed, and as often as the limits let it", async () => {
    const { auth, signIns } = await makeStage();
    await signIns(30, { ...wrong, ip: "192.0.2.1" });
    await signIns(30, { ...wrong, email: "Nobody@example.com", ip: "192.0.2.2" });
    await new Promise((resolve) => setImmediate(resolve));
    const failed = await auth.api.listEvents({ type: "sign_in_failed", limit: 200 });
    const userId = (await auth.api.getUser({ email: known }))?.id;
    expect(failed.filter((event) => event.userId === userId)).toHaveLength(10);
    const unknown = failed.filter((event) => event.userId === null);
    expect(unknown).toHaveLength(10);
    expect(new Set(unknown.map(({ detail }) => detail.emailHash)).size).toBe(1);
    expect(JSON.stringify(failed)).not.toMatch(/guess|nobody|ada@/i);
  });
});
