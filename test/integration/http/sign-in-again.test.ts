import { describe, expect, test } from "vitest";
import { makeApp, outcome, sessionClients, whoIs } from "../../support/http/app.ts";
import { makePerson } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

// P3: a sign-in makes a new session, and ends the one that the same client carried until then.

describe.each(stores)("over $name", (kind) => {
  test.each(sessionClients)(
    "a sign-in that carries a live session of the same client (%s) ends that one",
    async (client) => {
      const app = await makeApp({ kind });
      const { device, person, userId, sessionId } = await app.arrive(client);
      const before = device.copy();
      const { body } = await device.signIn(person);
      expect(body.session?.id).not.toBe(sessionId);
      expect(device.credential()).not.toBe(before.credential());
      expect(outcome(await before.get("/list-sessions"))).toBe("session_ended");
      expect(await whoIs(device)).toBe(userId);
      expect((await device.get("/list-sessions")).json).toHaveLength(1);
    },
  );

  test("also when somebody else signs in or signs up there", async () => {
    const app = await makeApp({ kind });
    const { device } = await app.arrive("web");
    const before = device.copy();
    const other = await app.enrol();
    await device.signIn(other);
    expect(outcome(await before.get("/list-sessions"))).toBe("session_ended");
    const between = device.copy();
    await device.signUp();
    expect(outcome(await between.get("/list-sessions"))).toBe("session_ended");
  });

  test("a session of another client stays, also where both come with the request", async () => {
    const app = await makeApp({ kind });
    const { device, person, userId } = await app.arrive("web");
    const phone = app.device("mobile");
    await phone.signIn(person, {}, { headers: device.credentialHeaders() });
    expect(await whoIs(device)).toBe(userId);
    const token = app.device("mobile-jwt");
    await token.signIn(person, {}, { headers: { ...device.credentialHeaders(), origin: null } });
    expect([await whoIs(device), await whoIs(phone), await whoIs(token)]).toEqual([userId, userId, userId]);
  });

  test("a browser that is signed in as two clients signs in anew as either: that client's session ends", async () => {
    const cookie = { transport: "cookie", strategy: "session" } as const;
    const app = await makeApp({ kind, clients: { web: cookie, staff: cookie } });
    const web = await app.arrive("web");
    const staff = await app.arrive("staff");
    const both = `${web.device.credentialHeaders().cookie}; ${staff.device.credentialHeaders().cookie}`;
    const again = app.device("staff");
    await again.signIn(staff.person, {}, { headers: { cookie: both } });
    expect(await whoIs(web.device), "the other client's session").toBe(web.userId);
    expect(await whoIs(staff.device), "the session it replaces").toBeNull();
  });

  test.each([
    ["a wrong password", 401],
    ["an address that is taken", 409],
    ["a ban", 403],
  ])("a sign-in that fails by %s ends nothing", async (why, status) => {
    const app = await makeApp({ kind });
    const { device, person, userId } = await app.arrive("web");
    const other = await app.enrol();
    await app.auth.api.banUser({ userId: other.id });
    const { length } = (await device.get("/list-sessions")).text;
    const answer =
      status === 401
        ? await device.signIn({ ...person, password: "wrong wrong wrong" })
        : status === 409
          ? await device.post("/sign-up/email", { ...makePerson(), email: person.email, client: "web" })
          : await device.signIn(other);
    expect([why, answer.status]).toEqual([why, status]);
    expect(await whoIs(device)).toBe(userId);
    expect((await device.get("/list-sessions")).text).toHaveLength(length);
  });

  test("signing in over and over: a new id each time, one session at the end", async () => {
    const app = await makeApp({ kind });
    const person = await app.enrol();
    const device = app.device("web");
    const ids = new Set<string>();
    for (let i = 0; i < 20; i++) ids.add((await device.signIn(person)).body.session?.id ?? "");
    expect(ids.size).toBe(20);
    expect((await device.get("/list-sessions")).json).toHaveLength(1);
  });

  test("a credential planted before the sign-in is worth nothing after it", async () => {
    const app = await makeApp({ kind });
    const attacker = await app.arrive("web");
    const victim = app.device("web");
    victim.hold(attacker.device.credential());
    const person = await app.enrol();
    await victim.signIn(person);
    expect(victim.credential()).not.toBe(attacker.device.credential());
    expect(await whoIs(attacker.device)).toBeNull();
    expect(await whoIs(victim)).toBe(person.id);
  });
});
