import { get } from "node:http";
import fastify from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import type { Auth, SignedIn } from "latchkey";
import { fastifyAuth, signedIn } from "latchkey/fastify";
import { honoAuth, sendCookies } from "latchkey/hono";
import { type AuthState, koaAuth } from "latchkey/koa";
import { describe, expect, onTestFinished, test } from "vitest";
import { listen } from "../../support/loopback.ts";
import { credentialOf, makeStage, password, signUp } from "../../support/stage.ts";

// What is particular about each framework; what is common to all is in test/integration/adapters.

const json = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
const navigate = { "sec-fetch-mode": "navigate" };
const signInBody = { email: "ada@example.com", password, client: "web" };
const namesOf = (headers: Headers): string[] =>
  headers.getSetCookie().map((one) => one.split("=", 1)[0] ?? "");

/** A cookie client whose access token has just expired. */
async function withExpired(): Promise<{ auth: Auth; cookie: string; signedIn: SignedIn }> {
  const clients = { web: { transport: "cookie", strategy: "jwt-allowlist" } } as const;
  const { auth, advance } = makeStage({ clients });
  const signedIn = await signUp(auth, "ada@example.com", "web");
  const { credentials } = signedIn;
  if (credentials.transport !== "cookie") throw new Error("not by cookie");
  advance(16 * 60_000);
  return { auth, cookie: credentials.setCookies.map((one) => one.split(";", 1)[0]).join("; "), signedIn };
}

describe("fastify", () => {
  async function makeApp(auth: Auth) {
    const app = fastify();
    onTestFinished(() => app.close());
    await app.register(fastifyAuth, { auth });
    return app;
  }

  test("a hook of the whole application guards what it has and what it has not, but not those who come to sign in", async () => {
    const { auth } = makeStage();
    const app = await makeApp(auth);
    app.addHook("onRequest", app.requireAuth());
    app.get("/in", async (request) => signedIn(request).user.id);
    const { user, ...rest } = await signUp(auth, "ada@example.com", "web");
    for (const url of ["/in", "/nothing"]) expect((await app.inject({ url })).statusCode).toBe(401);
    expect((await app.inject({ url: "/api/auth/ok" })).statusCode).toBe(200);
    const signIn = await app.inject({
      method: "POST",
      url: "/api/auth/sign-in/email",
      headers: json,
      payload: signInBody,
    });
    expect(signIn.statusCode).toBe(200);
    const cookie = credentialOf({ user, ...rest });
    expect(
      (
        await app.inject({
          url: "/in",
          headers: { cookie: `${signIn.cookies[0]?.name}=${signIn.cookies[0]?.value}` },
        })
      ).body,
    ).toBe(user.id);
    expect((await app.inject({ url: "/nothing", headers: { cookie } })).statusCode).toBe(404);
  });

  test("what an application puts into every scope is not passed over with ours", async () => {
    const { auth } = makeStage();
    const app = fastify();
    onTestFinished(() => app.close());
    app.addHook("onRegister", (scope, { prefix }) => {
      scope.get(`/of-${prefix ?? "scope"}`, () => "secret");
    });
    app.addHook("onRoute", function ({ url }) {
      if (url === "/api/auth") this.get("/beside-it", () => "secret");
    });
    await app.register(fastifyAuth, { auth });
    app.addHook("onRequest", app.requireAuth());
    await app.ready();
    for (const url of ["/of-scope", "/beside-it"]) {
      expect(app.hasRoute({ url, method: "GET" })).toBe(true);
      expect((await app.inject({ url })).statusCode).toBe(401);
    }
    expect((await app.inject({ url: "/api/auth/ok" })).statusCode).toBe(200);
  });

  test("what it adds is there for the instance that registers it and below, and nowhere else", async () => {
    const { auth } = makeStage();
    const app = fastify();
    onTestFinished(() => app.close());
    let inside: unknown;
    app.register((scope, _options, done) => {
      scope.register(fastifyAuth, { auth });
      scope.register((below, _none, ready) => {
        inside = below.requireAuth;
        ready();
      });
      done();
    });
    await app.ready();
    expect(inside).toBeTypeOf("function");
    expect("requireAuth" in app).toBe(false);
  });

  test("bodies come to the handler as they are, whatever parsers the application has", async () => {
    const { auth } = makeStage();
    await signUp(auth, "ada@example.com", "web");
    const app = await makeApp(auth);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser("application/json", (_request, _payload, done) => done(new Error("not today")));
    const sent = { method: "POST", url: "/api/auth/sign-in/email", headers: json } as const;
    expect((await app.inject({ ...sent, payload: JSON.stringify(signInBody) })).statusCode).toBe(200);
    const plain = { ...json, "content-type": "text/plain" };
    expect((await app.inject({ ...sent, headers: plain, payload: "x" })).statusCode).toBe(415);
    expect((await app.inject({ ...sent, payload: "x".repeat(70_000) })).statusCode).toBe(413);
  });

  test("faults go to its log", async () => {
    const lines: string[] = [];
    const { auth } = makeStage({}, () => ({ readSession: () => Promise.reject(new Error("gone")) }));
    const app = fastify({ logger: { stream: { write: (line: string) => void lines.push(line) } } });
    onTestFinished(() => app.close());
    await app.register(fastifyAuth, { auth });
    app.get("/in", { onRequest: app.requireAuth() }, async () => "in");
    const signedInAs = await signUp(auth, "ada@example.com", "web");
    const answer = await app.inject({ url: "/in", headers: { cookie: credentialOf(signedInAs) } });
    expect([answer.statusCode, answer.headers["retry-after"]]).toEqual([503, "1"]);
    expect(lines.join("")).toContain("could not tell who sent a request");
  });

  test.each(["reply", "error"])(
    "cookies of a renewed page go out with the application's %s",
    async (kind) => {
      const { auth, cookie } = await withExpired();
      const app = await makeApp(auth);
      app.get("/in", { onRequest: app.requireAuth() }, async (_request, reply) => {
        reply.header("set-cookie", "own=1");
        if (kind === "error") throw new Error("of the application");
        return "in";
      });
      const page = await app.inject({ url: "/in", headers: { cookie, ...navigate } });
      expect(page.cookies.map(({ name }) => name)).toEqual([
        "own",
        "__Host-latchkey-web",
        "__Host-latchkey-web-refresh",
      ]);
      expect(page.headers["cache-control"]).toBe("no-store");
      expect(page.statusCode).toBe(kind === "error" ? 500 : 200);
    },
  );
});

describe("koa", () => {
  test("an error page, which begins with no headers, keeps the cookies of a renewed page", async () => {
    const { auth, cookie } = await withExpired();
    const { requireAuth } = koaAuth(auth);
    const app = new Koa<AuthState>();
    app.silent = true;
    const order: string[] = [];
    app.use(async (_ctx, next) => {
      order.push("before");
      await next().finally(() => order.push("after"));
    });
    app.use(requireAuth());
    app.use(async () => {
      order.push("inside");
      throw new Error("of the application");
    });
    const url = await listen(app.callback());
    // Not by `fetch`, which says that it does not navigate.
    const [status, names, cache] = await new Promise<[number | undefined, (string | undefined)[], unknown]>(
      (resolve) => {
        get(url, { headers: { cookie, ...navigate } }, (response) => {
          const cookies = response.headers["set-cookie"] ?? [];
          response.resume();
          const names = cookies.map((one) => one.split("=", 1)[0]);
          resolve([response.statusCode, names, response.headers["cache-control"]]);
        });
      },
    );
    expect([status, names, cache]).toEqual([
      500,
      ["__Host-latchkey-web", "__Host-latchkey-web-refresh"],
      "no-store",
    ]);
    expect(order).toEqual(["before", "inside", "after"]);
  });

  test("what stands around the handler sees its answer", async () => {
    const { auth } = makeStage();
    const app = new Koa();
    const seen: unknown[] = [];
    app.use(async (ctx, next) => {
      await next();
      seen.push(ctx.status, ctx.type);
      ctx.set("x-around", "1");
    });
    app.use(koaAuth(auth).handler);
    const url = await listen(app.callback());
    for (const path of ["/api/auth/ok", "/api/auth/nothing"])
      expect((await fetch(url + path)).headers.get("x-around")).toBe("1");
    expect(seen).toEqual([200, "application/json", 404, "application/problem+json"]);
  });
});

describe("hono", () => {
  test.each<[string, (c: import("hono").Context) => Promise<unknown>, string, number]>([
    ["as JSON", (c) => c.req.json(), "application/json", 200],
    ["as text", (c) => c.req.text(), "application/json", 200],
    ["as bytes", (c) => c.req.arrayBuffer(), "application/json", 200],
    ["as a form that it is not", (c) => c.req.parseBody(), "application/json", 200],
  ])("a body that was read %s is handed on", async (_, read, type, status) => {
    const { auth } = makeStage();
    await signUp(auth, "ada@example.com", "web");
    const app = new Hono();
    app.use(async (c, next) => {
      await read(c);
      await next();
    });
    app.use(honoAuth(auth).handler);
    const headers = { ...json, "content-type": type };
    const body = JSON.stringify(signInBody);
    expect((await app.request("/api/auth/sign-in/email", { method: "POST", headers, body })).status).toBe(
      status,
    );
  });

  test.each(["parseBody", "formData"] as const)(
    "a form that was read by %s comes as the form it was",
    async (how) => {
      const { auth } = makeStage();
      const app = new Hono();
      app.use(async (c, next) => {
        await c.req[how]();
        await next();
      });
      app.use(honoAuth(auth).handler);
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: "a",
        client_secret: "b",
      });
      const answer = await app.request("/api/auth/oauth2/token", { method: "POST", body });
      expect(await answer.json()).toMatchObject({ error: "invalid_client" });
    },
  );

  test("one that was read behind its back is a misuse", async () => {
    const { auth } = makeStage();
    const app = new Hono();
    const errors: Error[] = [];
    app.onError((error, c) => {
      errors.push(error);
      return c.text("sorry", 500);
    });
    app.use(async (c, next) => {
      await c.req.raw.text();
      await next();
    });
    app.use(honoAuth(auth).handler);
    const sent = { method: "POST", headers: json, body: JSON.stringify(signInBody) };
    expect((await app.request("/api/auth/sign-in/email", sent)).status).toBe(500);
    expect(errors).toEqual([expect.objectContaining({ code: "misuse" })]);
  });

  test("cookies join those of a response that cannot be changed, and of an error page", async () => {
    const { auth, cookie, signedIn: original } = await withExpired();
    const { requireAuth } = honoAuth(auth);
    const app = new Hono();
    app.onError((_error, c) => c.text("sorry", 500));
    app.get("/fixed", requireAuth(), () => Response.redirect("http://localhost/elsewhere", 303));
    app.get("/own", requireAuth(), (c) =>
      c.text("in", 200, { "set-cookie": "own=1", "cache-control": "public" }),
    );
    app.get("/broken", requireAuth(), () => {
      throw new Error("of the application");
    });
    app.get("/sent", (c) => {
      sendCookies(c, original);
      return c.text("in");
    });
    const ours = ["__Host-latchkey-web", "__Host-latchkey-web-refresh"];
    for (const [path, status, own] of [
      ["/fixed", 303, []],
      ["/own", 200, ["own"]],
      ["/broken", 500, []],
    ] as const) {
      const page = await app.request(path, { headers: { cookie, ...navigate } });
      expect([page.status, namesOf(page.headers)]).toEqual([status, [...own, ...ours]]);
      expect(page.headers.get("cache-control")).toBe("no-store");
    }
    const sent = await app.request("/sent");
    expect([namesOf(sent.headers).slice(0, 2), sent.headers.get("cache-control")]).toEqual([
      ours,
      "no-store",
    ]);
  });

  test("tells the handler who called, as the runtime says, and lets checks go on after the answer", async () => {
    const { auth } = makeStage();
    const seen: unknown[] = [];
    const spied: Auth = {
      ...auth,
      handler: async (_request, connection) => {
        seen.push(connection?.remoteAddress);
        return new Response();
      },
      authenticate: (request, context) => {
        context?.waitUntil?.(Promise.resolve("later"));
        return auth.authenticate(request);
      },
    };
    const connInfo = () => ({ remote: { address: "192.0.2.1" } });
    const ask = async (given: Parameters<typeof honoAuth>[1], env?: object) => {
      const { handler, optionalAuth } = honoAuth(spied, given);
      const app = new Hono().use(handler).get("/", optionalAuth(), (c) => c.text("in"));
      const executionCtx = {
        waitUntil: (work: unknown) => void seen.push(work),
        passThroughOnException: () => undefined,
        props: {},
      };
      await app.request("/api/auth/ok", {}, env);
      await app.request("/", {}, env, executionCtx);
    };
    await ask({});
    await ask({}, { incoming: { socket: { remoteAddress: "192.0.2.2" } } });
    await ask({ connInfo });
    const work = expect.any(Promise);
    expect(seen).toEqual([undefined, work, "192.0.2.2", work, "192.0.2.1", work]);
  });
});
