import { join } from "node:path";
import { sqliteStore } from "latchkey/sqlite";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type App,
  type AppOptions,
  check,
  clientNames,
  makeApp,
  outcome,
  secret,
  whoIs,
} from "../../support/http/app.ts";
import type { Device } from "../../support/http/device.ts";
import { makeDirectory } from "../../support/http/stores.ts";

// One file, several lives: what one process wrote is true for the next, and for the one beside it.

function makeFile(): string {
  const directory = makeDirectory();
  onTestFinished(directory.remove);
  return join(directory.path, "latchkey.db");
}

/** Another `latchkey()` on the same file, over connections of its own. */
function open(file: string, options: AppOptions = {}): Promise<App> {
  const shared = { store: sqliteStore(file), file, remove: () => undefined };
  return makeApp({ shared, realTime: true, ...options });
}

/** The same browser or phone, seen by another application. */
function meet(app: App, { client, credential }: Device): Device {
  const device = app.device(client);
  device.hold(credential());
  return device;
}

describe("a restart", () => {
  test("with the same secret: every session and every token still counts", async () => {
    const file = makeFile();
    const before = await open(file);
    const arrived = await Promise.all(clientNames.map((client) => before.arrive(client)));
    const keys = (await before.device().get("/jwks")).json;
    await before.auth.close();
    const after = await open(file);
    for (const { device, person, userId } of arrived) {
      const same = meet(after, device);
      expect(await whoIs(same)).toBe(userId);
      expect(outcome(await same.get("/list-sessions"))).toBe(200);
      expect(outcome(await after.device(device.client).signIn(person))).toBe(200);
    }
    expect((await after.device().get("/jwks")).json).toEqual(keys);
  });

  test("what was ended before stays ended", async () => {
    const file = makeFile();
    const before = await open(file);
    const { device } = await before.arrive("web");
    const old = device.copy();
    await device.post("/sign-out", {});
    await before.auth.close();
    const after = await open(file);
    expect(outcome(await meet(after, old).get("/list-sessions"))).toBe("session_ended");
  });

  test("without closing (a crash): nothing that was answered is lost", async () => {
    const file = makeFile();
    const before = await open(file);
    const kept = await before.arrive("web");
    const ended = await before.arrive("mobile");
    await before.auth.api.revokeSessions({ userId: ended.userId });
    const after = await open(file);
    expect(await whoIs(meet(after, kept.device))).toBe(kept.userId);
    expect(await whoIs(meet(after, ended.device))).toBeNull();
  });

  test("with another secret: it says what to do, shows no secret, and lets nobody in", async () => {
    const file = makeFile();
    const before = await open(file);
    await before.arrive("web");
    await before.auth.close();
    const other = "another secret, long enough to be taken for one";
    const after = await open(file, { secret: other, begin: false });
    const start = after.auth.start();
    await expect(start).rejects.toMatchObject({ code: "misuse", message: expect.stringMatching(/secret/) });
    await expect(start).rejects.not.toMatchObject({ message: expect.stringContaining(other) });
  });

  test("with a secret that is being changed: old credentials count, and the old secret can go", async () => {
    const file = makeFile();
    const first = await open(file);
    const arrived = await Promise.all(clientNames.map((client) => first.arrive(client)));
    await first.auth.close();
    const newer = "the newer secret, just as long as the older one";
    const second = await open(file, { secret: [newer, secret] });
    for (const { device, userId } of arrived) expect(await whoIs(meet(second, device))).toBe(userId);
    await second.auth.close();
    const third = await open(file, { secret: newer });
    for (const { device, userId } of arrived) expect(await whoIs(meet(third, device))).toBe(userId);
  });

  test("with another strategy for a client: those who are signed in stay so where the old one is accepted", async () => {
    const file = makeFile();
    const before = await open(file);
    const { device, person, userId } = await before.arrive("web");
    await before.auth.close();
    const web = { transport: "cookie", strategy: "jwt", refresh: false } as const;
    const strict = await open(file, { clients: { web } });
    expect(outcome(await meet(strict, device).get("/get-session"))).toBe("credential_invalid");
    await strict.auth.close();
    const gentle = await open(file, { clients: { web: { ...web, accept: ["session"] } } });
    const same = meet(gentle, device);
    expect(await whoIs(same)).toBe(userId);
    await same.signIn(person);
    expect(same.credential()).toMatch(/^eyJ/);
    expect(await whoIs(meet(gentle, device)), "replaced by the sign-in").toBeNull();
    expect(await whoIs(same)).toBe(userId);
  });
});

describe("two at once on one file", () => {
  test("agree on their keys, and see each other's sign-ins", async () => {
    const file = makeFile();
    const [one, other] = await Promise.all([open(file), open(file)]);
    expect((await one.device().get("/jwks")).json).toEqual((await other.device().get("/jwks")).json);
    for (const client of clientNames) {
      const { device, userId } = await one.arrive(client);
      expect(await whoIs(meet(other, device))).toBe(userId);
    }
  });

  const endings: readonly (readonly [
    string,
    (app: App, user: { userId: string; sessionId: string }) => Promise<unknown>,
    string,
  ])[] = [
    ["revoking it", ({ auth }, { sessionId }) => auth.api.revokeSession({ sessionId }), "session_ended"],
    [
      "revoking all of its user",
      ({ auth }, { userId }) => auth.api.revokeSessions({ userId }),
      "session_ended",
    ],
    ["a ban", ({ auth }, { userId }) => auth.api.banUser({ userId }), "session_ended"],
    ["revoking everything", ({ auth }) => auth.api.revokeEverything(), "session_ended"],
  ];

  test.each(endings)("%s on one is seen by the next request on the other", async (_, end, code) => {
    const file = makeFile();
    const [one, other] = [await open(file), await open(file)];
    for (const client of ["web", "mobile"]) {
      const arrived = await one.arrive(client);
      const elsewhere = meet(other, arrived.device);
      for (let i = 0; i < 3; i++) expect(await whoIs(elsewhere)).toBe(arrived.userId);
      await end(one, arrived);
      expect(await check(other, elsewhere)).toBe(code);
      expect(outcome(await elsewhere.get("/list-sessions"))).toBe(code);
      expect(await whoIs(elsewhere)).toBeNull();
    }
  });

  test("a password change, a role and a deletion are seen too", async () => {
    const file = makeFile();
    const [one, other] = [await open(file), await open(file)];
    const { device, person, userId } = await one.arrive("web");
    const before = meet(other, device);
    await one.auth.api.setRole({ userId, roles: ["editor"] });
    expect((await before.get("/get-session")).body.user?.roles).toEqual(["editor"]);
    await device.post("/change-password", {
      currentPassword: person.password,
      newPassword: "another long password",
    });
    expect(outcome(await before.get("/list-sessions"))).toBe("credential_renewed");
    expect(outcome(await other.device().signIn(person))).toBe("invalid_credentials");
    const renewed = meet(other, device);
    expect(await whoIs(renewed)).toBe(userId);
    await device.post("/delete-user", { password: "another long password" });
    expect(outcome(await renewed.get("/list-sessions"))).toBe("session_ended");
  });

  test("fifty sign-outs on one race fifty checks on the other: none is accepted after its sign-out was answered", async () => {
    const file = makeFile();
    const [one, other] = [await open(file), await open(file)];
    const arrived = await Promise.all(Array.from({ length: 50 }, () => one.arrive("mobile")));
    await Promise.all(
      arrived.map(async ({ device }) => {
        const elsewhere = meet(other, device);
        const early = elsewhere.get("/list-sessions");
        expect(outcome(await device.post("/sign-out", {}))).toBe(200);
        expect(await check(other, elsewhere)).toBe("session_ended");
        expect(outcome(await elsewhere.get("/list-sessions"))).toBe("session_ended");
        await early;
      }),
    );
  });

  test("one address signs up once, however many try on both", async () => {
    const file = makeFile();
    const apps = [await open(file), await open(file)];
    const person = { email: "same@example.test", password: "one long password", client: "web" };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, i) => apps[i % 2]?.device("web").post("/sign-up/email", person)),
    );
    expect(answers.map((answer) => answer?.status).sort()).toEqual([
      201,
      ...Array.from({ length: 9 }, () => 409),
    ]);
  });
});
