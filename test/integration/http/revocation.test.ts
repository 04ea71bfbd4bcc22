import { describe, expect, test } from "vitest";
import {
  type App,
  check,
  clientNames,
  makeApp,
  origin,
  outcome,
  sessionClients,
  whoIs,
  withSessions,
} from "../../support/http/app.ts";
import type { Device } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

/** Every route that asks who calls, with a body that would do. */
const signedInRoutes = [
  ["GET", "/list-sessions", undefined],
  ["POST", "/update-session", { data: { x: 1 } }],
  ["POST", "/revoke-session", { id: "any" }],
  ["POST", "/revoke-other-sessions", undefined],
  ["POST", "/revoke-sessions", undefined],
  ["POST", "/change-password", { currentPassword: "some password", newPassword: "another password" }],
  ["POST", "/update-user", { name: "Eve" }],
  ["POST", "/delete-user", { password: "some password" }],
] as const;

/** Refused on every route with that code, and unknown to `get-session`. */
async function expectOut(app: App, device: Device, code = "session_ended"): Promise<void> {
  expect(await check(app, device)).toBe(code);
  for (const [method, path, body] of signedInRoutes) {
    expect([path, outcome(await device.send(method, path, body))]).toEqual([path, code]);
  }
  expect(await whoIs(device)).toBeNull();
}

describe.each(stores)("over $name", (kind) => {
  describe.each(sessionClients)("a session of client %s", (client) => {
    test("signed up, known, revoked from another device: 401 session_ended on the very next request", async () => {
      const app = await makeApp({ kind });
      const { device: laptop, person, userId, sessionId } = await app.arrive(client);
      const phone = app.device("mobile");
      await phone.signIn(person);
      expect(await whoIs(laptop)).toBe(userId);
      expect((await phone.post("/revoke-session", { id: sessionId })).body).toMatchObject({ revoked: 1 });
      await expectOut(app, laptop);
      expect(await whoIs(phone)).toBe(userId);
      expect(await (await phone.get("/list-sessions")).json).toHaveLength(1);
    });

    test("revoked twice: the second time there is nothing to end", async () => {
      const app = await makeApp({ kind });
      const { person, sessionId } = await app.arrive(client);
      const phone = app.device("mobile");
      await phone.signIn(person);
      await phone.post("/revoke-session", { id: sessionId });
      expect(outcome(await phone.post("/revoke-session", { id: sessionId }))).toBe("session_not_found");
    });

    test("nobody ends another person's session, though they know its id", async () => {
      const app = await makeApp({ kind });
      const ada = await app.arrive(client);
      for (const other of clientNames) {
        const eve = await app.arrive(other);
        const answer = await eve.device.post("/revoke-session", { id: ada.sessionId });
        expect([answer.status, answer.code]).toEqual([404, "session_not_found"]);
        await eve.device.post("/revoke-sessions");
      }
      expect(await whoIs(ada.device)).toBe(ada.userId);
    });

    test("the others are signed out, this one stays", async () => {
      const app = await makeApp({ kind });
      const { device, person, userId } = await app.arrive(client);
      const others = [app.device("web"), app.device("mobile"), app.device("web")];
      for (const other of others) await other.signIn(person);
      expect((await device.post("/revoke-other-sessions")).body).toMatchObject({ revoked: 3 });
      for (const other of others) await expectOut(app, other);
      expect(await whoIs(device)).toBe(userId);
      expect((await device.post("/revoke-other-sessions")).body).toMatchObject({ revoked: 0 });
    });

    test("all are signed out, this one too", async () => {
      const app = await makeApp({ kind });
      const { device, person } = await app.arrive(client);
      const other = app.device("mobile");
      await other.signIn(person);
      expect((await device.post("/revoke-sessions")).body).toMatchObject({ revoked: 2 });
      await expectOut(app, device);
      await expectOut(app, other);
      expect((await device.signIn(person)).status).toBe(200);
    });

    test("one's own can be revoked by its id", async () => {
      const app = await makeApp({ kind });
      const { device, sessionId } = await app.arrive(client);
      expect((await device.post("/revoke-session", { id: sessionId })).body).toMatchObject({ revoked: 1 });
      await expectOut(app, device);
    });

    test("it ends by its idle limit, unless it is used in time", async () => {
      const app = await makeApp({ kind, clients: withSessions, session: { idleTimeout: 400 } });
      const { device, person, userId } = await app.arrive(client);
      const idle = app.device(client);
      await idle.signIn(person);
      app.clock.advanceSeconds(399);
      expect(await whoIs(device)).toBe(userId);
      await app.spy.settled();
      app.clock.advanceSeconds(1);
      await expectOut(app, idle, "session_expired");
      app.clock.advanceSeconds(398);
      expect(await whoIs(device)).toBe(userId);
      await expectOut(app, idle, "session_expired");
    });

    test("it lives on while it is used, however short its idle limit is", async () => {
      const app = await makeApp({ kind, clients: withSessions, session: { idleTimeout: 40 } });
      const { device, userId } = await app.arrive(client);
      for (let i = 0; i < 5; i++) {
        app.clock.advanceSeconds(25);
        expect(await whoIs(device)).toBe(userId);
        await app.spy.settled();
      }
      app.clock.advanceSeconds(40);
      await expectOut(app, device, "session_expired");
    });

    test("it ends by its absolute limit, however much it is used", async () => {
      const app = await makeApp({ kind, session: { expiresIn: 1000, expiresInNotRemembered: 1000 } });
      const { device, person, userId } = await app.arrive(client);
      for (let i = 0; i < 3; i++) {
        app.clock.advanceSeconds(333);
        expect(await whoIs(device)).toBe(userId);
      }
      app.clock.advanceSeconds(1);
      await expectOut(app, device, "session_expired");
      expect(outcome(await device.signIn(person))).toBe(200);
    });
  });

  describe.each(["web-jwt", "mobile-jwt"] as const)("a plain JWT of client %s", (client) => {
    test("is accepted without any store call until exp, then 401 access_expired", async () => {
      const app = await makeApp({ kind });
      const { device } = await app.arrive(client);
      const request = new Request(origin, { headers: device.credentialHeaders() });
      app.spy.forget();
      for (let i = 0; i < 899; i++) {
        const result = app.auth.authenticate(request);
        expect(result, "a warm check is synchronous").not.toBeInstanceOf(Promise);
        expect(await result).toMatchObject({ ok: true });
        app.clock.advanceSeconds(1);
      }
      expect(await check(app, device)).toBe("accepted");
      app.clock.advanceSeconds(1);
      expect(await check(app, device)).toBe("access_expired");
      // Off the path of the check, and once a minute at most: a key that another process made is found so.
      const calls = app.spy.calls();
      expect(new Set(calls), "store calls").toEqual(new Set(["listKeys"]));
      expect(calls.length).toBeLessThanOrEqual(15);
      for (const [method, path, body] of signedInRoutes) {
        expect(outcome(await device.send(method, path, body))).toBe("access_expired");
      }
      expect(await whoIs(device), "get-session").toBe("access_expired");
    });

    test("cannot be taken back: 409 not_revocable says until when it lives", async () => {
      const app = await makeApp({ kind });
      const { device, sessionId, userId } = await app.arrive(client);
      const shown = (await device.get("/get-session")).body.session;
      const answer = await device.post("/revoke-session", { id: sessionId });
      expect([answer.status, answer.code]).toEqual([409, "not_revocable"]);
      expect(answer.body.until).toBe(shown?.expiresAt);
      expect(Date.parse(answer.body.until ?? "")).toBe(Math.floor(app.clock.read() / 1000) * 1000 + 900_000);
      expect(await whoIs(device)).toBe(userId);
    });

    test("revoking all sessions of its user: the account's routes refuse it, the application's check cannot", async () => {
      const app = await makeApp({ kind });
      const { device, person } = await app.arrive(client);
      const laptop = app.device("web");
      await laptop.signIn(person);
      await laptop.post("/revoke-sessions");
      app.clock.advanceSeconds(899);
      expect(await check(app, device)).toBe("accepted");
      for (const [method, path, body] of signedInRoutes) {
        expect([path, outcome(await device.send(method, path, body))]).toEqual([path, "session_ended"]);
      }
      expect(await whoIs(device)).toBeNull();
      app.clock.advanceSeconds(1);
      expect(await check(app, device)).toBe("access_expired");
    });

    test("it writes nothing but the account, and stands in no device list", async () => {
      const app = await makeApp({ kind });
      const person = await app.enrol();
      const device = app.device(client);
      await device.signIn(person);
      expect((await device.get("/list-sessions")).json).toEqual([]);
      expect((await device.post("/revoke-other-sessions")).body).toMatchObject({ revoked: 0 });
    });
  });

  test("ending sessions says until when a plain JWT may live on, where there are such", async () => {
    const session = { transport: "cookie", strategy: "session" } as const;
    for (const [more, seconds] of [
      [{}, undefined],
      [{ mobile: { transport: "bearer", strategy: "jwt" } as const }, 900],
      [{ mobile: { transport: "bearer", strategy: "session", accept: ["jwt"] } as const }, 900],
    ] as const) {
      const app = await makeApp({ kind, clients: { web: session, ...more } });
      for (const path of ["/revoke-other-sessions", "/revoke-sessions"]) {
        const { device } = await app.arrive("web");
        const { until } = (await device.post(path)).body;
        const expected = seconds && new Date(app.clock.read() + seconds * 1000).toISOString();
        expect(until).toBe(expected);
      }
    }
  });

  describe("sign-out", () => {
    test.each(sessionClients)(
      "ends the session of client %s for every copy of its credential",
      async (client) => {
        const app = await makeApp({ kind });
        const { device, person, userId } = await app.arrive(client);
        const stolen = device.copy();
        const other = app.device(client);
        await other.signIn(person);
        const answer = await device.post("/sign-out", {});
        expect([answer.status, answer.json]).toEqual([200, { success: true }]);
        expect(answer.headers.getSetCookie()).toEqual(
          client === "web" ? ["__Host-latchkey-web=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"] : [],
        );
        await expectOut(app, stolen);
        expect(await whoIs(other)).toBe(userId);
      },
    );

    test.each(clientNames)(
      "without a body, by client %s, whatever is no page of another site",
      async (client) => {
        const app = await makeApp({ kind });
        const { device } = await app.arrive(client);
        expect(outcome(await device.post("/sign-out"))).toBe(200);
      },
    );

    test.each(["web-jwt", "mobile-jwt"])(
      "of a plain JWT (%s) names until when it lives on",
      async (client) => {
        const app = await makeApp({ kind });
        const { device } = await app.arrive(client);
        const stolen = device.copy();
        const { expiresAt } = (await device.get("/get-session")).body.session ?? {};
        const answer = await device.post("/sign-out", {});
        expect(answer.json).toEqual({ success: true, until: expiresAt });
        expect(answer.headers.getSetCookie()).toHaveLength(client === "web-jwt" ? 2 : 0);
        expect(await check(app, stolen)).toBe("accepted");
      },
    );

    test("says success to whoever is out already, and still clears the cookie", async () => {
      const app = await makeApp({ kind });
      const nobody = await app.device("web").post("/sign-out");
      expect([nobody.json, nobody.headers.getSetCookie()]).toEqual([{ success: true }, []]);
      const ended = await app.arrive("web");
      await app.auth.api.revokeSessions({ userId: ended.userId });
      const forged = app.device("web");
      forged.hold("lks_nonsense");
      const expired = await app.arrive("web-jwt");
      app.clock.advanceSeconds(901);
      for (const device of [ended.device, forged, expired.device]) {
        const answer = await device.post("/sign-out");
        expect(answer.json).toEqual({ success: true });
        // Of a client with JWTs the cookie of the refresh token goes as well, also one from an earlier setting.
        expect(answer.headers.getSetCookie()).toHaveLength(device === expired.device ? 2 : 1);
        expect(device.credential()).toBeUndefined();
      }
    });

    test("ends every session whose cookie the browser sends, one per client", async () => {
      const cookie = { transport: "cookie", strategy: "session" } as const;
      const app = await makeApp({ kind, clients: { web: cookie, staff: cookie } });
      const web = await app.arrive("web");
      const staff = await app.arrive("staff");
      const both = `${web.device.credentialHeaders().cookie}; ${staff.device.credentialHeaders().cookie}`;
      const answer = await app.device("web").post("/sign-out", undefined, { headers: { cookie: both } });
      expect(answer.headers.getSetCookie()).toHaveLength(2);
      await expectOut(app, web.device);
      await expectOut(app, staff.device);
    });

    test("a forged cookie that names a session ends nothing", async () => {
      const app = await makeApp({ kind });
      const { device, sessionId, userId } = await app.arrive("web");
      const forged = app.device("web");
      const [, random, mark] = (device.credential() ?? "").split(".");
      for (const credential of [
        `lks_${sessionId}.${"A".repeat(43)}.${mark}`,
        `lks_${sessionId}.${random}.${"A".repeat(43)}`,
        sessionId,
      ]) {
        forged.hold(credential);
        await forged.post("/sign-out");
      }
      expect(await whoIs(device)).toBe(userId);
    });

    test("a slow request that comes after it revives nothing", async () => {
      const app = await makeApp({ kind });
      const { device, sessionId } = await app.arrive("web");
      const stolen = device.copy();
      const late = stolen.post("/update-session", { data: { late: true } });
      await Promise.all([device.post("/sign-out"), late]);
      await app.auth.api.updateSession({ sessionId, data: { later: true } });
      await expectOut(app, stolen);
    });
  });

  describe("get-session", () => {
    test.each([
      ["nothing was sent", null, undefined],
      ["the cookie of another application was sent", null, { cookie: "sid=1; theme=dark" }],
      ["another authorization scheme was sent", null, { authorization: "Basic YTpi" }],
      ["a cookie that differs in case was sent", null, { cookie: "__HOST-LATCHKEY-WEB=x; latchkey-web=x" }],
      ["a bearer header without a token", "credential_invalid", { authorization: "Bearer" }],
      ["a bearer header that is percent-junk", "credential_invalid", { authorization: "Bearer %E0%A4%A" }],
      ["an empty cookie of ours", "credential_invalid", { cookie: "__Host-latchkey-web=" }],
      ["nonsense in a cookie of ours", "credential_invalid", { cookie: "__Host-latchkey-web=x" }],
    ])("where %s: %s", async (_, expected, headers) => {
      const app = await makeApp({ kind });
      const answer = await app.device().get("/get-session", headers ? { headers } : {});
      expect(answer.status).toBe(expected === null ? 200 : 401);
      expect(answer.code ?? answer.json).toBe(expected);
    });
  });
});
