import { Hono } from "hono";
import { LatchkeyError, type Store } from "latchkey";
import { type AdapterOptions, honoAuth, type Requirement } from "latchkey/hono";
import { describe, expect, test } from "vitest";
import { credentialOf, makeStage, signUp } from "../../support/stage.ts";

// By Hono, which asks the guard as every other adapter does and needs no connection for it.

const clients = {
  web: { transport: "cookie", strategy: "session" },
  pair: { transport: "cookie", strategy: "jwt-allowlist" },
  mobile: { transport: "bearer", strategy: "session" },
} as const;
const minute = 60_000;

interface Options extends AdapterOptions {
  readonly requirement?: Omit<Requirement, "optional">;
}

async function makeSite({ requirement, ...options }: Options = {}) {
  let fault: Error | undefined;
  const stage = makeStage({ clients }, (inner) => ({
    readSession: (...input: Parameters<Store["readSession"]>) => {
      if (fault !== undefined) throw fault;
      return inner.readSession(...input);
    },
  }));
  const { requireAuth, optionalAuth } = honoAuth(stage.auth, options);
  const errors: Error[] = [];
  const app = new Hono();
  app.onError((error, c) => {
    errors.push(error);
    return c.text("sorry", 500);
  });
  app.all("/optional", optionalAuth(), (c) => c.text(c.var.auth?.user.id ?? "nobody"));
  app.all("/both", optionalAuth(), requireAuth(), (c) => c.text(c.var.auth.user.id));
  app.all("*", requireAuth(requirement), (c) => c.text(c.var.auth.user.id));
  const ask = async (path: string, headers: Record<string, string> = {}, method = "GET") => {
    const response = await app.request(`http://localhost${path}`, { method, headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const breakStore = (error: Error): void => {
    fault = error;
  };
  return { ...stage, ask, errors, breakStore };
}

async function arrive(site: Awaited<ReturnType<typeof makeSite>>, client: keyof typeof clients) {
  const signedIn = await signUp(site.auth, `${client}@example.com`, client);
  const { credentials, user, session } = signedIn;
  const headers: Record<string, string> =
    credentials.transport === "cookie"
      ? { cookie: credentials.setCookies.map((one) => one.split(";", 1)[0]).join("; ") }
      : { authorization: `Bearer ${credentialOf(signedIn)}` };
  return { headers, userId: user.id, sessionId: session.id };
}

const codeOf = ({ text }: { readonly text: string }): string => JSON.parse(text).code;

describe("what is required", () => {
  test("a sign-in that is not too old", async () => {
    const site = await makeSite({ requirement: { fresh: 60 } });
    const { headers } = await arrive(site, "web");
    site.advance(60_000);
    expect((await site.ask("/", headers)).status).toBe(200);
    site.advance(1);
    const refused = await site.ask("/", headers);
    expect([refused.status, codeOf(refused)]).toEqual([403, "not_fresh"]);
    expect(refused.headers.get("cache-control")).toBe("no-store");
  });

  test("role and permission and age: the lack of a role is said first", async () => {
    const site = await makeSite({ requirement: { role: "admin", permission: "any", fresh: 60 } });
    const { headers, userId } = await arrive(site, "web");
    site.advance(2 * minute);
    expect(codeOf(await site.ask("/", headers))).toBe("forbidden");
    await site.auth.api.setRole({ userId, roles: ["admin"] });
    expect(codeOf(await site.ask("/", headers))).toBe("not_fresh");
  });

  test.each([
    [{ roles: "admin" }, 'there is no "roles"'],
    [{ role: "" }, "role is a text that is not empty"],
    [{ permission: ["a"] }, "permission is a text that is not empty"],
    [{ fresh: 0 }, "fresh is a number of seconds above 0"],
    [{ fresh: "60" }, "fresh is a number of seconds above 0"],
    [{ headers: {} }, "with parentheses"],
  ])("%j is a misuse, at the start", async (requirement, words) => {
    await expect(makeSite({ requirement } as object)).rejects.toThrow(words);
  });

  test.each(["https://evil.example", "//evil.example", "sign-in", ""])(
    "%j is no page to sign in",
    async (signIn) => {
      await expect(makeSite({ signIn })).rejects.toThrow("signIn: give the path");
    },
  );
});

describe("where signing in is optional", () => {
  test("a cookie that holds no more is nobody's; a bearer token that holds no more is refused", async () => {
    const site = await makeSite();
    const [web, mobile] = [await arrive(site, "web"), await arrive(site, "mobile")];
    for (const one of [web, mobile]) expect((await site.ask("/optional", one.headers)).text).toBe(one.userId);
    for (const { sessionId } of [web, mobile]) await site.auth.api.revokeSession({ sessionId });
    expect((await site.ask("/optional", web.headers)).text).toBe("nobody");
    const refused = await site.ask("/optional", mobile.headers);
    expect([refused.status, codeOf(refused)]).toEqual([401, "session_ended"]);
  });

  test("a request of another site is refused all the same, and an outage is an outage", async () => {
    const site = await makeSite();
    const { headers } = await arrive(site, "web");
    const foreign = await site.ask("/optional", { ...headers, "sec-fetch-site": "cross-site" }, "POST");
    expect([foreign.status, codeOf(foreign)]).toEqual([403, "csrf_refused"]);
    site.breakStore(new LatchkeyError("cannot_tell", "the database is down"));
    expect((await site.ask("/optional", headers)).status).toBe(503);
    expect((await site.ask("/optional")).text).toBe("nobody");
  });
});

describe("pages", () => {
  const navigate = { "sec-fetch-mode": "navigate" };

  test.each([
    ["a browser that navigates", navigate, "GET", 303],
    ["one that asks for the head only", navigate, "HEAD", 303],
    ["an old browser", { accept: "text/html,*/*;q=0.8" }, "GET", 303],
    [
      "a script's request, whatever it accepts",
      { "sec-fetch-mode": "cors", accept: "text/html" },
      "GET",
      401,
    ],
    ["a form", navigate, "POST", 401],
    ["a program", { accept: "*/*" }, "GET", 401],
  ])("%s", async (_, headers, method, status) => {
    const site = await makeSite({ signIn: "/sign-in?from=app" });
    const sent = await site.ask("/a%20b?x=1&y=%26", headers, method);
    expect(sent.status).toBe(status);
    if (status === 303)
      expect(sent.headers.get("location")).toBe("/sign-in?from=app&next=%2Fa%2520b%3Fx%3D1%26y%3D%2526");
    else expect(sent.headers.get("location")).toBeNull();
  });

  test("nobody is sent around in a circle, nor away, nor anywhere unless the application says where", async () => {
    const site = await makeSite({ signIn: "/sign-in" });
    expect((await site.ask("/sign-in?next=%2F", navigate)).status).toBe(401);
    expect((await site.ask("//evil.example/", navigate)).headers.get("location")).toBe("/sign-in");
    expect((await (await makeSite()).ask("/", navigate)).status).toBe(401);
  });

  test("somebody who may not is told so, and not sent to sign in again", async () => {
    const site = await makeSite({ signIn: "/sign-in", requirement: { role: "admin" } });
    const { headers } = await arrive(site, "web");
    const refused = await site.ask("/", { ...headers, ...navigate });
    expect([refused.status, codeOf(refused)]).toEqual([403, "forbidden"]);
  });

  test("a token is renewed once for a request, however many guards look at it", async () => {
    const site = await makeSite();
    const { headers, userId } = await arrive(site, "pair");
    site.advance(16 * minute);
    expect((await site.ask("/both", headers)).status, "not a page").toBe(401);
    site.calls.length = 0;
    const page = await site.ask("/both", { ...headers, ...navigate });
    expect([page.status, page.text]).toEqual([200, userId]);
    expect(page.headers.getSetCookie().map((one) => one.split("=", 1)[0])).toEqual([
      "__Host-latchkey-pair",
      "__Host-latchkey-pair-refresh",
    ]);
    expect(page.headers.get("cache-control")).toBe("no-store");
    expect(site.calls.filter((call) => call === "refreshSession")).toHaveLength(1);
  });

  test("what was renewed goes out with a refusal, too", async () => {
    const site = await makeSite({ requirement: { role: "admin" } });
    const { headers } = await arrive(site, "pair");
    site.advance(16 * minute);
    const page = await site.ask("/", { ...headers, ...navigate });
    expect([page.status, page.headers.getSetCookie().length]).toEqual([403, 2]);
    expect(page.headers.get("cache-control")).toBe("no-store");
  });
});

describe("faults", () => {
  test("are 503, with when to come back, and told to whoever writes the log", async () => {
    const told: Error[] = [];
    const site = await makeSite({ onFault: (fault) => told.push(fault) });
    const { headers } = await arrive(site, "web");
    const fault = new LatchkeyError("busy", "of the log");
    site.breakStore(fault);
    const refused = await site.ask("/", headers);
    expect([refused.status, codeOf(refused), refused.headers.get("retry-after")]).toEqual([503, "busy", "1"]);
    expect(refused.text).not.toContain("of the log");
    expect(told).toEqual([fault]);
    expect(site.errors).toEqual([]);
  });

  test.each([
    [
      "thrown",
      (error: Error) => {
        throw error;
      },
    ],
    ["rejected", (error: Error) => Promise.reject(error)],
  ])("every other error reaches the framework as it was %s", async (_, fail) => {
    const error = new TypeError("a bug");
    const { auth } = makeStage();
    const { requireAuth } = honoAuth({ ...auth, authenticate: () => fail(error) });
    const errors: Error[] = [];
    const app = new Hono().get("/", requireAuth(), (c) => c.text("in"));
    app.onError((given, c) => {
      errors.push(given);
      return c.text("sorry", 500);
    });
    expect(await (await app.request("/")).text()).toBe("sorry");
    expect(errors).toHaveLength(1);
    expect(errors[0]).toBe(error);
  });
});

describe("names that `roles` does not have", () => {
  const roles = { admin: ["*"], editor: ["note:write", "post:*"], member: [] };
  const guardOf = (given: { roles?: typeof roles }, requirement: Requirement) => () =>
    honoAuth(makeStage(given).auth).requireAuth(requirement);

  test.each([
    [{ role: "amdin" }, 'there is no role "amdin"; `roles` has admin, editor, member.'],
    [{ role: "constructor" }, 'there is no role "constructor"'],
    [
      { permission: "note:wirte" },
      'no role names the permission "note:wirte"; `roles` names note:write, post:*.',
    ],
    [{ permission: "note" }, 'no role names the permission "note"'],
  ])("%j is a mistake at the start", (requirement, words) => {
    expect(guardOf({ roles }, requirement)).toThrow(expect.objectContaining({ code: "misuse" }));
    expect(guardOf({ roles }, requirement)).toThrow(words);
    // Without `roles` nobody has said which there are.
    expect(guardOf({}, requirement)).not.toThrow();
  });

  test.each([
    { role: "member" },
    { permission: "note:write" },
    { permission: "post:delete" },
    { permission: "admin:users" },
  ])("%j is none", (requirement) => {
    expect(guardOf({ roles }, requirement)).not.toThrow();
  });

  test("where nobody names a permission, any may be meant", () => {
    const guard = guardOf({ roles: { ...roles, editor: [] } }, { permission: "note:wirte" });
    expect(guard).not.toThrow();
  });
});
