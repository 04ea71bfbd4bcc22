import { describe, expect, test } from "vitest";
import { type App, check, makeApp, outcome } from "../../support/http/app.ts";
import { type Answer, makePerson } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

const clients = {
  pair: { transport: "bearer", strategy: "jwt-allowlist" },
  web: { transport: "cookie", strategy: "jwt-allowlist" },
  opaque: { transport: "bearer", strategy: "session" },
} as const;

const cookieName = "__Host-latchkey-web-refresh";
/** In seconds. */
const window = 10;

/** Somebody signed in, and how they refresh. */
interface Held {
  readonly app: App;
  readonly userId: string;
  readonly sessionId: string;
  readonly person: { readonly email: string; readonly password: string };
  refreshToken: string;
  /** The cookies of an answer, as a browser would send them back: by name. */
  readonly jar: Map<string, string>;
}

async function arrive(app: App, client: keyof typeof clients): Promise<Held> {
  const person = makePerson();
  const { body, headers } = await app.device(client).signUp(person);
  const jar = new Map<string, string>();
  keep(jar, headers);
  const refreshToken = body.refreshToken ?? jar.get(cookieName) ?? "";
  const { id: sessionId = "", userId = "" } = body.session ?? {};
  return { app, userId, sessionId, person, refreshToken, jar };
}

function keep(jar: Map<string, string>, headers: Headers): void {
  for (const cookie of headers.getSetCookie()) {
    const [name = "", value = ""] = (cookie.split(";", 1)[0] ?? "").split("=", 2);
    if (value === "") jar.delete(name);
    else jar.set(name, value);
  }
}

const cookiesOf = (jar: ReadonlyMap<string, string>): string =>
  [...jar].map(([name, value]) => `${name}=${value}`).join("; ");

const byBody = (app: App, refreshToken: string): Promise<Answer> =>
  app.device("pair").post("/refresh", { refreshToken });

/** `web`, so that it is sent as one of our pages would. */
const byCookie = (app: App, cookie: string, more: object = {}): Promise<Answer> =>
  app.device("web").post("/refresh", {}, { headers: { cookie, ...more } });

const namesSet = (answer: Answer): readonly string[] =>
  answer.headers.getSetCookie().map((cookie) => cookie.split("=", 1)[0] ?? "");

/** Texts that look like the token and are none, or none of ours. */
function variants(token: string): readonly (readonly [string, string])[] {
  const changed = [...token].flatMap((character, at) =>
    ["A", "b", "1", "-", "."]
      .filter((other) => other !== character)
      .map((other): [string, string] => [
        `${other} at ${at}`,
        token.slice(0, at) + other + token.slice(at + 1),
      ]),
  );
  const [id = "", generation = "", proof = "", mac = ""] = token.split(".");
  return [
    ...changed,
    ["cut", token.slice(0, -1)],
    ["longer", `${token}A`],
    ["twice", `${token}${token}`],
    ["upper case", token.toUpperCase()],
    ["padded", `${token}=`],
    ["a later generation", `${id}.${Number(generation) + 1}.${proof}.${mac}`],
    ["generation -1", `${id}.-1.${proof}.${mac}`],
    ["generation 00", `${id}.00.${proof}.${mac}`],
    ["generation 1e1", `${id}.1e1.${proof}.${mac}`],
    ["a huge generation", `${id}.${"9".repeat(30)}.${proof}.${mac}`],
    ["without proof", `${id}.${generation}.${mac}`],
    ["marks changed round", `${id}.${generation}.${mac}.${proof}`],
    ["of another kind", token.replace("lkr_", "lks_")],
    ["nothing but the prefix", "lkr_"],
    ["JSON", '{"a":1}'],
  ];
}

describe.each(stores)("over $name", (kind) => {
  test("what is no refresh token of the caller's is 401, and asks nothing of the store", async () => {
    const app = await makeApp({ kind, clients });
    const pair = await arrive(app, "pair");
    const web = await arrive(app, "web");
    const opaque = await app.device("opaque").signUp();
    const access = (await app.device("pair").signIn(pair.person)).body;
    const foreign = [
      ["an access token", access.accessToken],
      ["a session token", opaque.body.sessionToken],
      ["a device token", access.deviceToken],
    ] as const;
    app.spy.forget();
    const others = [...foreign, ["that of a cookie client", web.refreshToken] as const];
    for (const [what, value = ""] of [...variants(pair.refreshToken), ...others]) {
      // Longer than any of them is: then it is the form that is wrong.
      const code = value.length > 512 ? "invalid_input" : "credential_invalid";
      expect([what, outcome(await byBody(app, value))]).toEqual([what, code]);
    }
    const notInCookies = [...foreign, ["that of a bearer client", pair.refreshToken] as const];
    for (const [what, value = ""] of [...variants(web.refreshToken), ...notInCookies]) {
      const answer = await byCookie(app, `${cookieName}=${value}`);
      expect([what, outcome(answer), namesSet(answer)]).toEqual([what, "credential_invalid", []]);
    }
    const twice = `${cookieName}=${web.refreshToken}; ${cookieName}=${web.refreshToken}`;
    expect(outcome(await byCookie(app, twice))).toBe("credential_invalid");
    for (const name of [
      cookieName.toLowerCase(),
      `__Secure-${cookieName}`,
      "__Host-latchkey-web",
      "latchkey-web-refresh",
    ]) {
      expect(outcome(await byCookie(app, `${name}=${web.refreshToken}`))).toBe("credential_missing");
    }
    expect(outcome(await app.device("pair").post("/refresh", {}))).toBe("credential_missing");
    expect(app.spy.calls()).toEqual([]);
    // After all of that both are good.
    expect((await byBody(app, pair.refreshToken)).status).toBe(200);
    expect((await byCookie(app, cookiesOf(web.jar))).status).toBe(200);
  });

  test("another site's page refreshes nothing", async () => {
    const app = await makeApp({ kind, clients });
    const { jar } = await arrive(app, "web");
    app.spy.forget();
    for (const more of [
      { origin: "https://evil.test", "sec-fetch-site": "cross-site" },
      { origin: "null", "sec-fetch-site": null },
      { origin: null, "sec-fetch-site": "same-site" },
      { origin: null, "sec-fetch-site": null, "content-type": "text/plain" },
    ]) {
      const answer = await byCookie(app, cookiesOf(jar), more);
      expect([outcome(answer), namesSet(answer)]).toEqual(["csrf_refused", []]);
    }
    expect(app.spy.calls()).toEqual([]);
    expect((await app.device("web").get("/refresh", { headers: { cookie: cookiesOf(jar) } })).status).toBe(
      405,
    );
  });

  test("P26: beside a Bearer header cookies are neither read nor written", async () => {
    const app = await makeApp({ kind, clients });
    const web = await arrive(app, "web");
    const pair = await arrive(app, "pair");
    app.clock.advanceSeconds(window);
    const cookie = cookiesOf(web.jar);
    const { body } = await byBody(app, pair.refreshToken);
    for (const authorization of [`Bearer ${body.accessToken}`, "Bearer nonsense", "bearer"]) {
      const answer = await byCookie(app, cookie, { authorization });
      expect([authorization, outcome(answer), namesSet(answer)]).toEqual([
        authorization,
        "credential_missing",
        [],
      ]);
    }
    const out = await app.device("pair").post(
      "/sign-out",
      {},
      {
        headers: { cookie, authorization: `Bearer ${body.accessToken}` },
      },
    );
    expect([out.status, namesSet(out)]).toEqual([200, []]);
    expect(outcome(await byBody(app, body.refreshToken ?? "")), "the one that was signed out").toBe(
      "session_ended",
    );
    expect((await byCookie(app, cookie)).status, "the cookies' session").toBe(200);
    // Another scheme is not ours, and the token of a body needs none.
    expect((await byCookie(app, cookie, { authorization: "Basic YTpi" })).status).toBe(200);
  });

  test("by cookie: both cookies when the token was replaced, the access token's alone when it was not", async () => {
    const app = await makeApp({ kind, clients });
    const { jar, refreshToken } = await arrive(app, "web");
    const kept = await byCookie(app, cookiesOf(jar));
    expect([kept.status, namesSet(kept)]).toEqual([200, ["__Host-latchkey-web"]]);
    expect(kept.body).not.toHaveProperty("refreshToken");
    keep(jar, kept.headers);
    app.clock.advanceSeconds(window);
    const rotated = await byCookie(app, cookiesOf(jar));
    expect(namesSet(rotated)).toEqual(["__Host-latchkey-web", cookieName]);
    const repeated = await byCookie(app, cookiesOf(jar));
    expect(namesSet(repeated), "for a tab that has not got it yet").toEqual([
      "__Host-latchkey-web",
      cookieName,
    ]);
    keep(jar, repeated.headers);
    expect(jar.get(cookieName)).toMatch(/^lkr_[\w-]{22}\.1\./);
    expect(jar.get(cookieName)).not.toBe(refreshToken);
    const device = app.device("web");
    device.hold(jar.get("__Host-latchkey-web"));
    expect(await check(app, device)).toBe("accepted");
  });

  test("an answer from before the token was replaced, arriving last, signs nobody out", async () => {
    const app = await makeApp({ kind, clients });
    const { jar } = await arrive(app, "web");
    const cookie = cookiesOf(jar);
    app.clock.advanceSeconds(window - 0.001);
    const overtaken = await byCookie(app, cookie);
    app.clock.advanceSeconds(0.001);
    const overtaking = await byCookie(app, cookie);
    keep(jar, overtaking.headers);
    keep(jar, overtaken.headers);
    app.clock.advanceSeconds(900);
    expect(outcome(await byCookie(app, cookiesOf(jar)))).toBe(200);
  });

  describe.each(["pair", "web"] as const)("a refresh token of %s says why it is refused", (client) => {
    const hour = 3600;
    const password = "another long password";
    const refresh = ({ app, refreshToken, jar }: Held): Promise<Answer> =>
      client === "web" ? byCookie(app, cookiesOf(jar)) : byBody(app, refreshToken);

    test.each<readonly [string, string, (held: Held) => unknown]>([
      [
        "its session was revoked",
        "session_ended",
        ({ app, sessionId }) => app.auth.api.revokeSession({ sessionId }),
      ],
      ["all were revoked", "session_ended", ({ app, userId }) => app.auth.api.revokeSessions({ userId })],
      ["everything was revoked", "session_ended", ({ app }) => app.auth.api.revokeEverything()],
      ["its user was banned", "session_ended", ({ app, userId }) => app.auth.api.banUser({ userId })],
      ["its user was deleted", "session_ended", ({ app, userId }) => app.auth.api.removeUser({ userId })],
      ["it was not used for too long", "refresh_expired", ({ app }) => app.clock.advanceSeconds(hour)],
      ["its session is over", "refresh_expired", ({ app }) => app.clock.advanceSeconds(24 * hour)],
      ["it was signed out with", "session_ended", (held) => signOut(held)],
      ["its parent was used, and the window is over", "refresh_reused", (held) => rotate(held, 1)],
      ["it was replaced twice", "refresh_reused", (held) => rotate(held, 2)],
      ["the password was changed by it", "credential_renewed", (held) => renew(held)],
    ])("%s: %s", async (_, code, change) => {
      const app = await makeApp({ kind, clients, refresh: { expiresIn: 3600, absoluteExpiresIn: 7200 } });
      const held = await arrive(app, client);
      await change(held);
      const answer = await refresh(held);
      expect([outcome(answer), namesSet(answer)]).toEqual([code, []]);
    });

    /** Replaces the token so often; then its window is over. */
    async function rotate(held: Held, times: number): Promise<void> {
      const newest = { ...held, jar: new Map(held.jar) };
      for (let i = 0; i < times; i++) {
        held.app.clock.advanceSeconds(window);
        const { headers, body } = await refresh(newest);
        keep(newest.jar, headers);
        newest.refreshToken = body.refreshToken ?? newest.refreshToken;
      }
      if (times === 1) held.app.clock.advanceSeconds(window);
    }

    async function signOut({ app, refreshToken, jar }: Held): Promise<void> {
      const sent = client === "web" ? {} : { refreshToken };
      const answer = await app
        .device(client)
        .post("/sign-out", sent, { headers: { cookie: cookiesOf(jar) || null } });
      expect(namesSet(answer)).toEqual(client === "web" ? ["__Host-latchkey-web", cookieName] : []);
    }

    async function renew(held: Held): Promise<void> {
      const device = held.app.device(client);
      const answer = await refresh(held);
      device.hold(answer.body.accessToken ?? answerCookie(answer, "__Host-latchkey-web"));
      const changed = await device.post("/change-password", {
        currentPassword: held.person.password,
        newPassword: password,
      });
      expect(outcome(changed)).toBe(200);
    }
  });
});

function answerCookie({ headers }: Answer, name: string): string | undefined {
  const jar = new Map<string, string>();
  keep(jar, headers);
  return jar.get(name);
}
