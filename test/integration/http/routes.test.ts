import { createLocalJWKSet, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import { clientNames, clients, makeApp, origin, outcome } from "../../support/http/app.ts";
import { type Device, makePerson } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

// Headers, problem shapes, the documented schema of every answer and the absence of secrets in it are examined on
// each request a device makes (test/support/http/examine.ts); here stands what each route answers to whom.

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** Every route for those who are signed in, with a body that fits and its outcome by strategy. */
const account = [
  ["GET", "/list-sessions", undefined, { session: 200, jwt: 200 }],
  ["POST", "/update-session", { data: { cart: [1] } }, { session: 200, jwt: "session_not_found" }],
  ["POST", "/revoke-session", { id: "own" }, { session: 200, jwt: "not_revocable" }],
  ["POST", "/revoke-other-sessions", undefined, { session: 200, jwt: 200 }],
  ["POST", "/revoke-sessions", undefined, { session: 200, jwt: 200 }],
  ["POST", "/change-password", "passwords", { session: 200, jwt: 200 }],
  ["POST", "/update-user", { name: "Ada" }, { session: 200, jwt: 200 }],
  ["POST", "/delete-user", "password", { session: 200, jwt: 200 }],
] as const;

describe.each(stores)("over $name", (kind) => {
  describe.each(clientNames)("client %s", (client) => {
    const { transport, strategy } = clients[client];

    test("sign-up makes an account and signs in: 201", async () => {
      const app = await makeApp({ kind });
      const device = app.device(client);
      const person = makePerson();
      const answer = await device.signUp(
        { ...person, email: ` ${person.email}`.trim().toUpperCase() },
        { name: "Ada" },
      );
      expect(answer.status).toBe(201);
      expect(answer.body.user).toMatchObject({
        email: person.email,
        name: "Ada",
        roles: [],
        status: "active",
      });
      expect(answer.body.session).toMatchObject({ client, ip: "192.0.2.7", data: {} });
      expectCredential(answer.headers, answer.body, device);
    });

    test("sign-in gives a credential by the client's transport alone", async () => {
      const app = await makeApp({ kind });
      const person = await app.enrol();
      const device = app.device(client);
      const answer = await device.signIn(person);
      expect(answer.status).toBe(200);
      expect(answer.body.user?.id).toBe(person.id);
      expectCredential(answer.headers, answer.body, device);
      const shown = await device.get("/get-session");
      expect(shown.status).toBe(200);
      expect(shown.body.user).toEqual(answer.body.user);
      expect(shown.body.session?.id).toBe(answer.body.session?.id);
    });

    function expectCredential(headers: Headers, body: object, device: Device): void {
      const names = Object.keys(body).filter((name) => !["user", "session", "permissions"].includes(name));
      if (transport === "cookie") {
        expect(names).toEqual([]);
        const cookies = headers.getSetCookie().map((cookie) => cookie.split("=", 1)[0]);
        expect(cookies).toEqual([`__Host-latchkey-${client}`, "__Host-latchkey-device"]);
      } else {
        const expected =
          strategy === "session" ? ["sessionToken", "expiresIn"] : ["accessToken", "tokenType", "expiresIn"];
        expect(names).toEqual([...expected, "deviceToken"]);
      }
      expect(device.credential()).toMatch(
        strategy === "session" ? /^lks_[\w-]{22}\.[\w-]{43}\.[\w-]{43}$/ : /^eyJ/,
      );
    }

    test("every route of the account answers whoever is signed in", async () => {
      const app = await makeApp({ kind });
      for (const [method, path, given, expected] of account) {
        const { device, person, sessionId } = await app.arrive(client);
        const answer = await device.send(method, path, fill(given, person.password, sessionId));
        expect([path, outcome(answer)]).toEqual([path, expected[strategy]]);
      }
    });

    test("no route of the account answers without a credential, to a wrong one, to a cut one", async () => {
      const app = await makeApp({ kind });
      const { device, person, sessionId } = await app.arrive(client);
      const credential = device.credential() ?? "";
      app.spy.forget();
      for (const [held, code] of [
        [undefined, "credential_missing"],
        ["nonsense", "credential_invalid"],
        [credential.slice(0, -1), "credential_invalid"],
        [`${credential.slice(0, -4)}AAAA`, "credential_invalid"],
      ] as const) {
        device.hold(held);
        for (const [method, path, given] of account) {
          const answer = await device.send(method, path, fill(given, person.password, sessionId));
          expect([path, held, outcome(answer)]).toEqual([path, held, code]);
        }
      }
      expect(app.spy.calls(), "a forged credential is refused before any I/O").toEqual([]);
    });
  });

  function fill(given: (typeof account)[number][2], password: string, sessionId: string): object | undefined {
    if (given === "password") return { password };
    if (given === "passwords") return { currentPassword: password, newPassword: "another long password" };
    return given !== undefined && "id" in given ? { id: sessionId } : given;
  }

  test("the e-mail address is one by its canonical spelling; a second account for it is refused", async () => {
    const app = await makeApp({ kind });
    const { person } = await app.arrive();
    const again = { ...makePerson(), client: "web" };
    for (const email of [person.email, person.email.toUpperCase(), person.email.replace("@", "＠")]) {
      expect(outcome(await app.device().post("/sign-up/email", { ...again, email }))).toBe("email_taken");
    }
    const folded = await app.device().signIn({ ...person, email: person.email.replace("@", "＠") });
    expect(folded.status).toBe(200);
  });

  test.each([
    ["no address", "nobody"],
    ["two addresses once it is folded", "a＠evil.test@victim.test"],
    ["a list", "a@x.test,b@y.test"],
    ["a space in it", "a b@x.test"],
  ])("an e-mail address that is %s is refused with 400", async (_, email) => {
    const app = await makeApp({ kind });
    const answer = await app.device().post("/sign-up/email", { ...makePerson(), email });
    expect(outcome(answer)).toBe("invalid_input");
    expect(app.spy.writes()).not.toContain("openSession");
  });

  test.each([
    ["too short", "short 1", "password_too_short"],
    ["too long", "a".repeat(1025), "password_too_long"],
    ["among the common ones", "Password1", "password_too_common"],
  ])("a new password that is %s is refused with 422", async (_, password, code) => {
    const app = await makeApp({ kind });
    const answer = await app.device().post("/sign-up/email", { ...makePerson(), password, client: "web" });
    expect([answer.status, answer.code]).toEqual([422, code]);
    expect(app.spy.writes()).not.toContain("openSession");
  });

  test("an unknown user, a wrong password and a wrong spelling of it get the very same answer", async () => {
    const app = await makeApp({ kind });
    const person = await app.enrol();
    const tries = [
      { email: "nobody@example.test", password: person.password },
      { email: person.email, password: "wrong wrong wrong" },
      { email: person.email, password: ` ${person.password}` },
      { email: person.email, password: person.password.toUpperCase() },
      { email: person.email, password: `${person.password} ` },
    ];
    const answers = await Promise.all(tries.map((one) => app.device().signIn(one)));
    const shown = answers.map(({ status, text, headers }) => ({ status, text, headers: [...headers] }));
    for (const one of shown) expect(one).toEqual(shown[0]);
    expect(answers[0]).toMatchObject({ status: 401, code: "invalid_credentials" });
  });

  test("the client of a sign-in must be a configured one", async () => {
    const app = await makeApp({ kind });
    const person = await app.enrol();
    for (const client of ["other", "__proto__", "constructor", "toString", "WEB", ""]) {
      expect(outcome(await app.device().signIn(person, { client }))).toBe("invalid_input");
    }
    const unnamed = await app.device().signIn(person, { client: undefined });
    expect(unnamed.body.session?.client, "web where several are configured").toBe("web");
  });

  test("not remembered: a cookie without Max-Age, a session of a day", async () => {
    const app = await makeApp({ kind });
    const person = await app.enrol();
    const { headers, body } = await app.device().signIn(person, { rememberMe: false });
    expect(headers.getSetCookie()[0]).not.toContain("Max-Age");
    const life = Date.parse(body.session?.expiresAt ?? "") - app.clock.read();
    expect(Math.ceil(life / 1000)).toBe(86_400);
  });

  test("sign-up can be closed", async () => {
    const app = await makeApp({ kind, signUp: { enabled: false } });
    const answer = await app.device().post("/sign-up/email", makePerson());
    expect([answer.status, answer.code]).toEqual([403, "sign_up_disabled"]);
    expect(app.spy.writes().filter((name) => name !== "addFirstKey")).toEqual([]);
  });

  test("the device list names each device, marks the one that asks, and shows nobody else's", async () => {
    const app = await makeApp({ kind });
    const { device, person, sessionId } = await app.arrive("web");
    await app.arrive("web");
    app.clock.advanceSeconds(5);
    const phone = app.device("mobile");
    const { body } = await phone.signIn(person, {}, { headers: { "user-agent": firefox } });
    await app.device("mobile-jwt").signIn(person);
    const { json } = await device.get("/list-sessions");
    const shown = {
      client: "mobile",
      device: "Firefox on Linux",
      userAgent: firefox,
      ipAddress: "192.0.2.7",
    };
    expect(json).toMatchObject([
      { ...shown, id: body.session?.id, current: false },
      { id: sessionId, client: "web", current: true, device: null },
    ]);
    expect(json).toHaveLength(2);
  });

  test("session data is merged, null removes, and another session has its own", async () => {
    const app = await makeApp({ kind });
    const { device, person } = await app.arrive("web");
    const other = app.device("mobile");
    await other.signIn(person);
    await device.post("/update-session", { data: { cart: [1, 2], theme: "dark" } });
    const merged = await device.post("/update-session", { data: { theme: null, constructor: "x", n: 1 } });
    const data = { cart: [1, 2], constructor: "x", n: 1 };
    expect(merged.body.session?.data).toEqual(data);
    expect((await device.get("/get-session")).body.session?.data).toEqual(data);
    expect((await other.get("/get-session")).body.session?.data).toEqual({});
  });

  test("session data that is too large is refused and nothing of it is kept", async () => {
    const app = await makeApp({ kind });
    const { device } = await app.arrive("web");
    await device.post("/update-session", { data: { kept: "yes" } });
    const answer = await device.post("/update-session", { data: { large: "x".repeat(17_000) } });
    expect([answer.status, answer.code]).toEqual([422, "data_too_large"]);
    expect((await device.get("/get-session")).body.session?.data).toEqual({ kept: "yes" });
  });

  test("twenty parallel updates of session data lose nothing or say so", async () => {
    const app = await makeApp({ kind });
    const { device } = await app.arrive("web");
    const numbers = Array.from({ length: 20 }, (_, i) => `n${i}`);
    const answers = await Promise.all(
      numbers.map((n) => device.post("/update-session", { data: { [n]: true } })),
    );
    const written = numbers.filter((_, i) => answers[i]?.status === 200);
    expect(answers.map(outcome).filter((one) => one !== 200 && one !== "conflict")).toEqual([]);
    const { body } = await device.get("/get-session");
    expect(Object.keys(body.session?.data ?? {}).sort()).toEqual([...written].sort());
    expect(written.length).toBeGreaterThan(0);
  });

  test("one's name can be set, and be taken away", async () => {
    const app = await makeApp({ kind });
    const { device } = await app.arrive("web");
    for (const [name, kept] of [
      ["  Ada Lovelace ", "Ada Lovelace"],
      ["<script>", "<script>"],
      [null, null],
    ] as const) {
      expect((await device.post("/update-user", { name })).body.user?.name).toBe(kept);
      expect((await device.get("/get-session")).body.user?.name).toBe(kept);
    }
  });

  test("the public keys verify our access tokens in another library, and hold no private half", async () => {
    const app = await makeApp({ kind, realTime: true });
    const { device, userId } = await app.arrive("mobile-jwt");
    const [one, other] = [await app.device().get("/jwks"), await app.device().get("/.well-known/jwks.json")];
    expect(one.json).toEqual(other.json);
    const keys: { readonly [name: string]: unknown }[] = JSON.parse(one.text).keys;
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([["alg", "crv", "kid", "kty", "use", "x"]]);
    const { payload } = await jwtVerify(
      device.credential() ?? "",
      createLocalJWKSet({ keys: JSON.parse(one.text).keys }),
      {
        issuer: `${origin}/api/auth`,
        audience: origin,
        typ: "at+jwt",
        algorithms: ["EdDSA"],
      },
    );
    expect(payload).toMatchObject({ sub: userId, client_id: "mobile-jwt" });
  });

  test("HS256 publishes no key at all", async () => {
    const app = await makeApp({ kind, keys: { algorithm: "HS256" } });
    const { device } = await app.arrive("mobile-jwt");
    expect((await device.get("/get-session")).status).toBe(200);
    expect((await device.get("/jwks")).json).toEqual({ keys: [] });
  });

  test("health", async () => {
    const app = await makeApp({ kind });
    expect((await app.device().get("/ok")).json).toEqual({ ok: true });
    expect((await app.device().get("/ready")).json).toEqual({ ready: true });
  });

  test("liveness asks nothing of the store", async () => {
    const app = await makeApp({ kind });
    await app.device().get("/ok");
    expect(app.spy.calls()).toEqual([]);
  });
});

describe("methods", () => {
  const routes = [
    ...["/sign-up/email", "/sign-in/email", "/sign-out", "/update-session", "/revoke-session"].map((path) => [
      "POST",
      path,
    ]),
    ...["/revoke-other-sessions", "/revoke-sessions", "/change-password"].map((path) => ["POST", path]),
    ...["/update-user", "/delete-user"].map((path) => ["POST", path]),
    ...[
      "/get-session",
      "/list-sessions",
      "/jwks",
      "/.well-known/jwks.json",
      "/ok",
      "/ready",
      "/openapi.json",
    ].map((path) => ["GET", path]),
  ] as const;

  test.each(routes)(
    "%s %s: any other method is 405 and names the right one",
    async (method = "", path = "") => {
      const app = await makeApp();
      const { device } = await app.arrive("web");
      app.spy.forget();
      for (const wrong of ["GET", "POST", "PUT", "PATCH", "DELETE", "PROPFIND"].filter(
        (one) => one !== method,
      )) {
        const answer = await device.send(wrong, path, wrong === "GET" ? undefined : {});
        expect([wrong, answer.status, answer.code]).toEqual([wrong, 405, "method_not_allowed"]);
        expect(answer.headers.get("allow")).toBe(method === "GET" ? "GET, HEAD" : method);
      }
      expect(app.spy.calls()).toEqual([]);
    },
  );

  test("HEAD answers as GET does, without the body", async () => {
    const app = await makeApp();
    const { device } = await app.arrive("web");
    for (const path of ["/get-session", "/list-sessions", "/jwks", "/ok", "/ready"]) {
      const answer = await device.send("HEAD", path);
      expect([path, answer.status, answer.text]).toEqual([path, 200, ""]);
    }
    expect((await app.device().send("HEAD", "/list-sessions")).status).toBe(401);
    expect((await device.send("HEAD", "/sign-out")).status).toBe(405);
    expect((await device.get("/get-session")).body.session).toBeDefined();
  });
});
