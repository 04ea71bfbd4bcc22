import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type App, makeApp, origin, outcome, whoIs } from "../../support/http/app.ts";
import { type Device, makePerson } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

const longPassword = "a long enough password";

/** Every POST route with a body that fits; null: it needs none. */
const posts: { readonly [path: string]: { readonly [member: string]: unknown } | null } = {
  "/sign-up/email": { email: "new@example.test", password: longPassword, name: "Ada", client: "web" },
  "/sign-in/email": { email: "person@example.test", password: longPassword, client: "web", rememberMe: true },
  "/sign-out": null,
  "/refresh": { refreshToken: "lkr_some.token" },
  "/token": { audience: "https://billing.example", scope: "invoices:read", expiresIn: 60 },
  "/update-session": { data: { cart: [1] } },
  "/revoke-session": { id: "some-session" },
  "/revoke-other-sessions": null,
  "/revoke-sessions": null,
  "/change-password": { currentPassword: longPassword, newPassword: longPassword },
  "/update-user": { name: "Ada" },
  "/delete-user": { password: longPassword },
};

const paths = Object.keys(posts);

/** The same for administrators. */
const adminPosts: typeof posts = {
  "/admin/create-user": { email: "new@example.test", password: longPassword, name: "Ada", roles: ["editor"] },
  "/admin/ban-user": { userId: "somebody", reason: "spam", expiresIn: 60 },
  "/admin/unban-user": { userId: "somebody" },
  "/admin/remove-user": { userId: "somebody" },
  "/admin/set-role": { userId: "somebody", roles: ["editor"] },
  "/admin/revoke-user-session": { userId: "somebody", id: "some-session" },
  "/admin/revoke-user-sessions": { userId: "somebody" },
  "/admin/revoke-everything": null,
  "/admin/rotate-keys": { compromised: false },
};

const all: typeof posts = { ...posts, ...adminPosts };
const allPaths = Object.keys(all);

/** Members that may be left out. */
const optional = [
  "name",
  "client",
  "rememberMe",
  "refreshToken",
  "scope",
  "expiresIn",
  "reason",
  "compromised",
];

/** What looks wrong and is right for one member. */
const right: { readonly [member: string]: (value: unknown) => boolean } = {
  rememberMe: (value) => value === true,
  compromised: (value) => value === true,
  expiresIn: (value) => value === 1,
  data: (value) => typeof value === "object" && !Array.isArray(value),
};

/** Somebody signed in who may call the path. */
async function arriveFor(
  app: App,
  path: string,
): Promise<{ readonly device: Device; readonly userId: string }> {
  const arrived = await app.arrive("web");
  if (path.startsWith("/admin/")) await app.auth.api.setRole({ userId: arrived.userId, roles: ["admin"] });
  app.spy.forget();
  return arrived;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** Bodies that are none of ours, whatever the route: [what, body, content type, expected code]. */
const bodies: readonly (readonly [string, string | Uint8Array<ArrayBuffer>, string | null, string])[] = [
  ["no JSON", "hello", "application/json", "invalid_input"],
  ["half of it", '{"email": ', "application/json", "invalid_input"],
  ["with something behind it", "{} {}", "application/json", "invalid_input"],
  ["with a comment", "{} // x", "application/json", "invalid_input"],
  ["null", "null", "application/json", "invalid_input"],
  ["true", "true", "application/json", "invalid_input"],
  ["a number", "1", "application/json", "invalid_input"],
  ["a number that is none", "1e999", "application/json", "invalid_input"],
  ["a text", '"text"', "application/json", "invalid_input"],
  ["an empty array", "[]", "application/json", "invalid_input"],
  ["an array of objects", "[{}]", "application/json", "invalid_input"],
  ["an unknown member", '{"surprise": 1}', "application/json", "invalid_input"],
  ["__proto__", '{"__proto__": {"isAdmin": true}}', "application/json", "invalid_input"],
  ["constructor", '{"constructor": {"prototype": {"isAdmin": true}}}', "application/json", "invalid_input"],
  ["toString", '{"toString": 1, "hasOwnProperty": 1, "toJSON": 1}', "application/json", "invalid_input"],
  [
    "10,000 arrays in each other",
    "[".repeat(10_000) + "]".repeat(10_000),
    "application/json",
    "invalid_input",
  ],
  [
    "10,000 objects in each other",
    `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`,
    "application/json",
    "invalid_input",
  ],
  ["30,000 opened arrays", "[".repeat(30_000), "application/json", "invalid_input"],
  ["a long array", `[${"0,".repeat(30_000)}0]`, "application/json", "invalid_input"],
  ["a long name of a member", `{"${"x".repeat(60_000)}": 1}`, "application/json", "invalid_input"],
  ["a NUL in a name", '{"a\\u0000b": 1}', "application/json", "invalid_input"],
  ["half a surrogate in a name", '{"\\ud800": 1}', "application/json", "invalid_input"],
  ["a BOM before it", "\ufeff{}", "application/json", "invalid_input"],
  [
    "bytes that are no UTF-8",
    new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
    "application/json",
    "invalid_input",
  ],
  [
    "UTF-16",
    new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]),
    "application/json; charset=utf-16",
    "invalid_input",
  ],
  [
    "surrogates in UTF-8",
    new Uint8Array([0x22, 0xed, 0xa0, 0x80, 0x22]),
    "application/json",
    "invalid_input",
  ],
  ["NUL bytes", new Uint8Array(100), "application/json", "invalid_input"],
  ["JSON called plain text", "{}", "text/plain", "unsupported_media_type"],
  ["JSON called nothing", "{}", null, "unsupported_media_type"],
  ["JSON called something like JSON", "{}", "application/jsonp", "unsupported_media_type"],
  ["a form", "email=a%40b.test&password=x", "application/x-www-form-urlencoded", "unsupported_media_type"],
  [
    "a form in parts",
    '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\na\r\n--x--',
    "multipart/form-data; boundary=x",
    "unsupported_media_type",
  ],
  ["a megabyte", `{"email": "${"x".repeat(1_000_000)}"}`, "application/json", "body_too_large"],
  ["a megabyte of spaces", " ".repeat(1_000_000), "application/json", "body_too_large"],
  ["a byte more than allowed", " ".repeat(65_537), "application/json", "body_too_large"],
];

/** Values that no member takes. */
const wrongValues: readonly unknown[] = [
  [],
  ["a"],
  {},
  { $ne: null },
  1,
  -1,
  true,
  "",
  "a\0b",
  "half \ud800 a surrogate",
  "x".repeat(20_000),
];

async function expectUntouched(app: App, device: Device, userId: string): Promise<void> {
  expect(app.spy.writes()).toEqual([]);
  expect(app.logged).toEqual([]);
  expect(await whoIs(device)).toBe(userId);
}

// What is refused before any store is asked.
describe("bodies", () => {
  test.each(allPaths)(
    "POST %s: a body that is none of ours is refused and nothing is written",
    async (path) => {
      const app = await makeApp();
      const { device, userId } = await arriveFor(app, path);
      for (const [what, raw, type, code] of bodies) {
        const answer = await device.post(path, undefined, { raw, headers: { "content-type": type } });
        expect([what, answer.code]).toEqual([what, code]);
        expect(answer.text.length, "nothing of it is repeated").toBeLessThan(500);
      }
      await expectUntouched(app, device, userId);
      expect("isAdmin" in {}).toBe(false);
    },
  );

  test.each(allPaths)("POST %s: a megabyte in pieces, of unannounced length, is refused", async (path) => {
    const app = await makeApp();
    const { device, userId } = await arriveFor(app, path);
    let sent = 0;
    const raw = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        sent += 1;
        controller.enqueue(utf8(" ".repeat(10_000)));
        if (sent === 100) controller.close();
      },
    });
    const answer = await device.post(path, undefined, { raw });
    expect(answer.code).toBe("body_too_large");
    expect(sent, "pieces that were read").toBeLessThan(20);
    await expectUntouched(app, device, userId);
  });

  test.each(allPaths.filter((path) => all[path] !== null))(
    "POST %s: a member of a wrong type is refused, one by one",
    async (path) => {
      const app = await makeApp();
      const { device, userId } = await arriveFor(app, path);
      const fitting = all[path] ?? {};
      for (const member of Object.keys(fitting)) {
        for (const wrong of wrongValues) {
          if (right[member]?.(wrong) || (member === "roles" && Array.isArray(wrong))) continue;
          const answer = await device.post(path, { ...fitting, [member]: wrong });
          const what = `${member}: ${JSON.stringify(wrong).slice(0, 40)}`;
          expect([what, answer.code]).toEqual([what, "invalid_input"]);
          expect(answer.text).not.toContain("x".repeat(50));
        }
        if (optional.includes(member)) continue;
        if (member === "roles" && path === "/admin/create-user") continue;
        const { [member]: _, ...rest } = fitting;
        expect(outcome(await device.post(path, rest))).toBe("invalid_input");
        expect(outcome(await device.post(path, { ...rest, [member]: null }))).toBe("invalid_input");
      }
      await expectUntouched(app, device, userId);
    },
  );
});

/** What nobody may say of themselves. */
const notTheirs: readonly (readonly [string, unknown])[] = [
  ["role", "admin"],
  ["roles", ["admin"]],
  ["userId", "another"],
  ["id", ["chosen"]],
  ["status", "active"],
  ["emailVerified", true],
  ["passwordHash", "$argon2id$x"],
  ["createdAt", "2020-01-01T00:00:00.000Z"],
  ["epoch", 9],
  ["session", { expiresIn: 1e9 }],
  ["expiresIn", 1e9],
];

/** What is no session data. */
const noData: readonly (readonly [string, unknown])[] = [
  ["null", null],
  ["an array", [1]],
  ["a text", "x"],
  ["with __proto__ deep inside", JSON.parse('{"a":[{"__proto__":{"x":1}}]}')],
  ["with a NUL deep inside", { a: [{ b: "\0" }] }],
  ["with half a surrogate as a name deep inside", { a: [{ "\udc00": 1 }] }],
  ["forty objects in each other", JSON.parse(`${'{"a":'.repeat(40)}1${"}".repeat(40)}`)],
];

/** Bytes that stand for no character. */
const noUtf8: readonly (readonly [string, readonly number[]])[] = [
  ["a lone byte", [0xff]],
  ["a character cut short", [0xe2, 0x82]],
  ["NUL spelt in two bytes", [0xc0, 0x80]],
  ["half a surrogate", [0xed, 0xa0, 0x80]],
  ["more than there is", [0xf4, 0x90, 0x80, 0x80]],
];

/** What is no line of text. */
const noNames = [
  "a\nb",
  "a\r\nX: y",
  "\u0001",
  "a\u007f",
  "\u202egnp.exe",
  "a\u2028b",
  "x".repeat(101),
  "   ",
];

describe.each(stores)("over $name", (kind) => {
  test("nobody gives themselves what is not theirs to give", async () => {
    const app = await makeApp({ kind });
    const { device, userId } = await app.arrive("web");
    app.spy.forget();
    for (const [member, value] of notTheirs) {
      const signUp = { ...makePerson(), client: "web", [member]: value };
      expect([member, outcome(await app.device().post("/sign-up/email", signUp))]).toEqual([
        member,
        "invalid_input",
      ]);
      for (const path of paths) {
        // Of a token that is asked for, it may be said: it is cut to what the audience may have.
        if (path === "/token" && member === "expiresIn") continue;
        const answer = await device.post(path, { ...posts[path], [member]: value });
        expect([member, path, answer.code]).toEqual([member, path, "invalid_input"]);
      }
    }
    await expectUntouched(app, device, userId);
  });

  test("another person's id in the body changes nothing of theirs", async () => {
    const app = await makeApp({ kind });
    const [ada, eve] = [await app.arrive("web"), await app.arrive("web")];
    for (const extra of [
      { userId: ada.userId },
      { user: { id: ada.userId } },
      { sessionId: ada.sessionId },
    ]) {
      for (const path of paths) await eve.device.post(path, { ...posts[path], ...extra });
    }
    expect(await whoIs(ada.device)).toBe(ada.userId);
    expect((await ada.device.get("/get-session")).body.user?.name).toBeNull();
  });

  test("session data that is none is refused", async () => {
    const app = await makeApp({ kind });
    const { device, userId } = await app.arrive("web");
    app.spy.forget();
    for (const [what, data] of noData) {
      const answer = await device.post("/update-session", undefined, { raw: JSON.stringify({ data }) });
      expect([what, answer.code]).toEqual([what, "invalid_input"]);
    }
    await expectUntouched(app, device, userId);
  });

  test("names that objects have of themselves are members like others", async () => {
    const app = await makeApp({ kind });
    const { device } = await app.arrive("web");
    const data = {
      constructor: "a",
      toString: "b",
      hasOwnProperty: "c",
      valueOf: { prototype: "d" },
      "": "e",
      "1": "f",
    };
    expect((await device.post("/update-session", { data })).body.session?.data).toEqual(data);
    expect((await device.get("/get-session")).body.session?.data).toEqual(data);
  });

  test("text that is no UTF-8 is refused, not repaired", async () => {
    const app = await makeApp({ kind });
    const { device, userId } = await app.arrive("web");
    app.spy.forget();
    for (const [what, bytes] of noUtf8) {
      const raw = new Uint8Array([...utf8('{"name":"Ada '), ...bytes, ...utf8('"}')]);
      expect([what, outcome(await device.post("/update-user", undefined, { raw }))]).toEqual([
        what,
        "invalid_input",
      ]);
    }
    await expectUntouched(app, device, userId);
  });

  test("text comes back as it was sent", async () => {
    const app = await makeApp({ kind });
    const { device } = await app.arrive("web");
    const names = ["'; drop table latchkey_users; --", "😀 נ", 'a\\b"c', "%s %n #{x}", "<b>&amp;"];
    for (const name of names) {
      expect((await device.post("/update-user", { name })).body.user?.name).toBe(name);
      expect((await device.get("/get-session")).body.user?.name).toBe(name);
    }
    for (const text of [...names, "\u0001\u001f\u007f", "\u202e", "\r\nX: y", " ", ""]) {
      expect((await device.post("/update-session", { data: { text } })).status).toBe(200);
      expect((await device.get("/get-session")).body.session?.data).toEqual({ text });
    }
  });

  test("a name that is no line of text is refused", async () => {
    const app = await makeApp({ kind });
    const { device, userId } = await app.arrive("web");
    app.spy.forget();
    for (const name of noNames) {
      expect([name, outcome(await device.post("/update-user", { name }))]).toEqual([name, "invalid_input"]);
      const signUp = { ...makePerson(), client: "web", name };
      expect([name, outcome(await app.device().post("/sign-up/email", signUp))]).toEqual([
        name,
        "invalid_input",
      ]);
    }
    await expectUntouched(app, device, userId);
  });

  const ordinary = allPaths.filter((path) => path !== "/admin/revoke-everything");

  test("whatever JSON comes, the answer is ours and below 500", async () => {
    const app = await makeApp({ kind });
    const { device } = await arriveFor(app, "/admin/");
    const credential = device.credential();
    const nearly = fc.constantFrom(...ordinary).chain((path) => {
      const members = Object.keys(all[path] ?? { extra: 1 });
      const value = fc.oneof(
        fc.jsonValue(),
        fc.string({ unit: "binary" }),
        fc.constantFrom("web", "a@b.test", "password-12"),
      );
      return fc.tuple(
        fc.constant(path),
        fc.dictionary(fc.constantFrom(...members), value, { noNullPrototype: true }),
      );
    });
    const anything = fc.tuple(fc.constantFrom(...ordinary), fc.jsonValue({ maxDepth: 5 }));
    await fc.assert(
      fc.asyncProperty(fc.oneof(nearly, anything), async ([path, body]) => {
        device.hold(credential);
        const { status } = await device.post(path, undefined, { raw: JSON.stringify(body) });
        expect(status).toBeLessThan(500);
      }),
      { numRuns: 250 },
    );
    expect(app.logged).toEqual([]);
  });

  test("whatever bytes come, the answer is ours and below 500", async () => {
    const app = await makeApp({ kind });
    const { device } = await arriveFor(app, "/admin/");
    const types = ["application/json", "text/plain", "", "application/json;", "\u00e4", null];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...ordinary.filter((path) => all[path] !== null)),
        fc.constantFrom(...types),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        async (path, type, bytes) => {
          const raw = new Uint8Array(bytes);
          const { status } = await device.post(path, undefined, { raw, headers: { "content-type": type } });
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        },
      ),
      { numRuns: 200 },
    );
    expect(app.logged).toEqual([]);
  });
});

describe("headers", () => {
  const junk = [
    "%E0%A4%A",
    "a b",
    "a,b",
    "lks_",
    "lks_..",
    "lks_a.b.c",
    `lks_${"A".repeat(22)}.${"A".repeat(43)}.${"A".repeat(43)}`,
    `lks_${"A".repeat(100_000)}`,
    "..",
    "a.b.c",
    "a.b.c.d.e",
    "eyJhbGciOiJub25lIn0.e30.",
    "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiIxIn0.",
    "null",
    "undefined",
    "[object Object]",
    "\u00ff\u00fe",
    "' or 1=1 --",
    "x".repeat(100_000),
    `${".".repeat(100_000)}`,
    `a.${"b".repeat(100_000)}.c`,
  ];

  test("junk where a credential should be is 401, quickly, and asks nothing of the store", async () => {
    const app = await makeApp();
    app.spy.forget();
    const started = performance.now();
    for (const value of junk) {
      for (const headers of [
        { authorization: `Bearer ${value}` },
        { cookie: `__Host-latchkey-web=${value}` },
        { cookie: `__Host-latchkey-web-jwt=${value}` },
      ]) {
        for (const path of ["/get-session", "/list-sessions"]) {
          expect([value.slice(0, 60), outcome(await app.device().get(path, { headers }))]).toEqual([
            value.slice(0, 60),
            "credential_invalid",
          ]);
        }
      }
    }
    expect(app.spy.calls()).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test("whatever stands in the headers that we read, the answer is ours and below 500", async () => {
    const app = await makeApp();
    const { device } = await app.arrive("web");
    const credential = device.credential() ?? "";
    const text = fc.oneof(
      fc.string({ unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)) }),
      fc.constantFrom(
        "",
        "Bearer",
        `Bearer ${credential}`,
        `__Host-latchkey-web=${credential}`,
        "a=b; c",
        origin,
        "null",
      ),
    );
    const name = fc.constantFrom(
      "authorization",
      "cookie",
      "origin",
      "sec-fetch-site",
      "content-type",
      "user-agent",
      "upgrade",
      "host",
      "content-length",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("GET", "POST"),
        fc.dictionary(name, text, { noNullPrototype: true }),
        async (method, headers) => {
          const path = method === "GET" ? "/list-sessions" : "/update-user";
          const answer = await device.send(method, path, method === "GET" ? undefined : { name: "x" }, {
            headers,
          });
          expect(answer.status).toBeLessThan(500);
        },
      ),
      { numRuns: 400 },
    );
    expect(app.logged).toEqual([]);
  });

  test("headers that proxies and frameworks use change nothing when a client sends them", async () => {
    const app = await makeApp();
    const { device, person, userId } = await app.arrive("web");
    const spoofed = {
      "x-forwarded-for": "203.0.113.9",
      "x-real-ip": "203.0.113.9",
      forwarded: "for=203.0.113.9;host=evil.test",
      "x-forwarded-host": "evil.test",
      "x-http-method-override": "POST",
      "x-original-url": "/api/auth/sign-out",
      "x-user-id": "somebody-else",
      "x-middleware-subrequest": "middleware",
    };
    const { body, headers } = await device.signIn(person, {}, { headers: spoofed });
    expect(body.session?.ip).toBe("192.0.2.7");
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-/);
    expect((await device.get("/get-session", { headers: spoofed })).body.user?.id).toBe(userId);
    expect((await device.get("/sign-out", { headers: spoofed })).status).toBe(405);
    expect(await whoIs(device)).toBe(userId);
  });

  test("a credential in the address or the body is none", async () => {
    const app = await makeApp();
    for (const client of ["mobile", "mobile-jwt"]) {
      const { device } = await app.arrive(client);
      const credential = device.credential() ?? "";
      for (const name of ["access_token", "token", "session_token", "authorization"]) {
        const url = `${origin}/api/auth/list-sessions?${name}=${credential}`;
        expect((await app.auth.handler(new Request(url))).status).toBe(401);
        const answer = await app.device(client).post("/update-user", { name: "Eve", [name]: credential });
        expect(outcome(answer)).toBe("credential_missing");
      }
    }
  });

  test("a cookie header of many spaces holds nobody up", async () => {
    const app = await makeApp();
    const cookie = `a${" ".repeat(15_000)}b=1; theme=${"\t ".repeat(7000)}x`;
    await app.device().get("/list-sessions", { headers: { cookie } });
    const started = performance.now();
    await app.auth.authenticate(new Request(origin, { headers: { cookie } }));
    expect(performance.now() - started, "ms for one check").toBeLessThan(20);
  });

  test("a cookie header of many cookies holds nobody up", async () => {
    const app = await makeApp();
    const { device } = await app.arrive("web");
    const cookie = `${"a=b; ".repeat(20_000)}${device.credentialHeaders().cookie}`;
    const started = performance.now();
    expect((await device.get("/get-session", { headers: { cookie } })).body.user).toBeDefined();
    expect(performance.now() - started, "ms for one request").toBeLessThan(200);
  });

  test("a user agent of any length and kind is kept short", async () => {
    const app = await makeApp();
    const person = await app.enrol();
    for (const agent of [
      "x".repeat(50_000),
      `Mozilla/5.0 (${"a ".repeat(20_000)})`,
      "\u00ff".repeat(600),
      "%{jndi:ldap}",
    ]) {
      const device = app.device("web");
      await device.signIn(person, {}, { headers: { "user-agent": agent } });
      const started = performance.now();
      expect((await device.get("/list-sessions")).status).toBe(200);
      expect(performance.now() - started).toBeLessThan(500);
      expect((await device.get("/get-session")).body.session?.userAgent?.length).toBeLessThanOrEqual(512);
    }
  });
});

describe("paths", () => {
  /** Spellings that are the same route by RFC 3986 (6.2.2) or by what a URL parser does. */
  const same = [
    "/./sign-in/email",
    "/x/../sign-in/email",
    "/%2e/sign-in/email",
    "/sign-in/email?x=1",
    "/sign-in/email#x",
    "/%73ign-in/email",
  ];
  const other = [
    "//sign-in/email",
    "/sign-in//email",
    "/sign-in/email/",
    "/sign-in%2Femail",
    "/sign-in/email%2F",
    "/sign-in/email;x=1",
    "/sign-in/email%3Bx",
    "/sign-in/email%00",
    "/sign-in/email%20",
    "/SIGN-IN/email",
    "/sign-in/Email",
    "/sign-in",
    "/sign-in/",
    "/%2573ign-in/email",
    "/sign-in/email%",
    "/%E0%A4%A",
    "/%ff",
    "/*",
    "/:path",
    "/",
    "",
    "/__proto__",
    "/constructor",
    `/${"a/".repeat(5000)}`,
  ];

  test.each(other)("%s is nothing", async (path) => {
    const app = await makeApp();
    const person = await app.enrol();
    app.spy.forget();
    const answer = await app.device().post(path, { ...person, id: undefined, client: "web" });
    expect([answer.status, answer.code]).toEqual([404, "not_found"]);
    expect(app.spy.calls()).toEqual([]);
  });

  test.each(same)("%s is the very route, with every guard", async (path) => {
    const app = await makeApp();
    const { email, password } = await app.enrol();
    const post = (headers: { readonly [name: string]: string }, body: object) =>
      app.auth.handler(
        new Request(`${origin}/api/auth${path}`, { method: "POST", headers, body: JSON.stringify(body) }),
      );
    const json = { "content-type": "application/json" };
    const body = { email, password, client: "web" };
    expect((await post(json, body)).status).toBe(200);
    expect((await post({ ...json, origin: "https://evil.test" }, body)).status).toBe(403);
    expect((await post(json, { ...body, password: "wrong wrong wrong" })).status).toBe(401);
  });

  test("beside the base path there is nothing either", async () => {
    const app = await makeApp();
    for (const url of [
      "/",
      "/sign-in/email",
      "/api",
      "/api/authx/ok",
      "//api/auth/ok",
      "/api//auth/ok",
      "/API/auth/ok",
    ]) {
      const response = await app.auth.handler(new Request(`${origin}${url}`));
      expect([url, response.status, response.headers.get("cache-control")]).toEqual([url, 404, "no-store"]);
      expect(await response.json()).toMatchObject({ code: "not_found", status: 404 });
    }
  });
});
