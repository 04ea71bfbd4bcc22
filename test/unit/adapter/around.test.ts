import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import fastify, { type FastifyInstance, type FastifyPluginCallback } from "fastify";
import { Hono, type MiddlewareHandler } from "hono";
import { setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import Koa from "koa";
import type { Auth } from "latchkey";
import { fastifyAuth } from "latchkey/fastify";
import { honoAuth } from "latchkey/hono";
import { koaAuth } from "latchkey/koa";
import { nodeAuth } from "latchkey/node";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { listen } from "../../support/loopback.ts";
import { credentialOf, makeStage, password, signUp } from "../../support/stage.ts";

// What an application has around our handler: other middlewares, prefixes, other addresses.

const json = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
const signInBody = JSON.stringify({ email: "ada@example.com", password, client: "web" });
const signInRequest = { method: "POST", headers: json, body: signInBody };
const namesOf = (headers: Headers): string[] =>
  headers.getSetCookie().map((one) => one.split("=", 1)[0] ?? "");

async function makeAuth(basePath = "/api/auth"): Promise<Auth> {
  const { auth } = makeStage({ basePath });
  await signUp(auth, "ada@example.com", "web");
  return auth;
}

describe("hono: what middlewares set before the handler, or a guard, goes out beside what these say", () => {
  const around: { readonly [what: string]: readonly MiddlewareHandler[] } = {
    "a header and a cookie": [
      async (c, next) => {
        c.header("x-request-id", "1");
        setCookie(c, "seen", "1");
        await next();
      },
    ],
    "the same behind cors()": [
      cors({ origin: "https://other.example" }),
      async (c, next) => {
        c.header("x-request-id", "1");
        setCookie(c, "seen", "1");
        await next();
      },
    ],
    "the same on the response": [
      async (c, next) => {
        c.res.headers.append("x-request-id", "1");
        c.res.headers.append("set-cookie", "seen=1");
        c.res.headers.set("cache-control", "public");
        await next();
      },
    ],
  };

  test.each(Object.keys(around))("%s", async (what) => {
    const { handler, requireAuth } = honoAuth(await makeAuth());
    const app = new Hono();
    for (const middleware of around[what] ?? []) app.use(middleware);
    app.use(async (c, next) => {
      await next();
      c.header("x-later", "1");
    });
    app.use(handler);
    app.get("/in", requireAuth(), (c) => c.text("in"));
    const signedIn = await app.request("/api/auth/sign-in/email", signInRequest);
    expect(signedIn.status).toBe(200);
    expect(namesOf(signedIn.headers).filter((name) => !name.endsWith("device"))).toEqual([
      "seen",
      expect.stringContaining("latchkey-web"),
    ]);
    const refused = await app.request("/in");
    expect([refused.status, namesOf(refused.headers)]).toEqual([401, ["seen"]]);
    for (const { headers } of [signedIn, refused]) {
      expect([headers.get("x-request-id"), headers.get("x-later")]).toEqual(["1", "1"]);
      expect(headers.get("cache-control")).toBe("no-store");
    }
    expect(refused.headers.get("content-type")).toBe("application/problem+json");
  });
});

describe("fastify", () => {
  async function statusOf(app: FastifyInstance, url: string): Promise<number> {
    return (await app.inject({ url })).statusCode;
  }

  test("a prefix is part of the base path; where it is not, nothing is mounted, and the log says so", async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    const warn = vi.spyOn(app.log, "warn");
    const mount = (auth: Auth, prefix: string): void => {
      const plugin: FastifyPluginCallback = (scope, _options, done) => {
        scope.register(fastifyAuth, { auth });
        done();
      };
      app.register(plugin, { prefix });
    };
    mount(await makeAuth("/v1/api/auth"), "/v1");
    mount(await makeAuth(), "/v2");
    await app.ready();
    expect(await statusOf(app, "/v1/api/auth/ok")).toBe(200);
    expect(await statusOf(app, "/v1/v1/api/auth/ok")).toBe(404);
    expect(await statusOf(app, "/v2/api/auth/ok")).toBe(404);
    expect(warn.mock.calls).toEqual([[expect.stringContaining("/api/auth is not below the prefix /v2")]]);
  });

  test("what rewriteUrl leads to the handler is answered", async () => {
    const auth = await makeAuth();
    const app = fastify({ rewriteUrl: ({ url = "" }) => url.replace(/^\/tenant/, "") });
    onTestFinished(() => app.close());
    await app.register(fastifyAuth, { auth });
    expect(await statusOf(app, "/tenant/api/auth/ok")).toBe(200);
  });

  test("cookies of hooks go out beside those of a sign-in", async () => {
    const app = fastify();
    onTestFinished(() => app.close());
    app.addHook("onRequest", async (_request, reply) => void reply.header("set-cookie", "seen=1"));
    await app.register(fastifyAuth, { auth: await makeAuth() });
    const { cookies } = await app.inject({
      ...{ method: "POST", url: "/api/auth/sign-in/email" },
      ...{ headers: json, payload: signInBody },
    });
    expect(cookies.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["seen", expect.stringContaining("latchkey-web")]),
    );
  });
});

test("koa: whoever leaves a stream of events is no error of the application", async () => {
  const { auth } = makeStage();
  const cookie = credentialOf(await signUp(auth, "ada@example.com", "web"));
  const app = new Koa();
  const onError = vi.fn();
  app.on("error", onError);
  app.use(async (ctx, next) => {
    ctx.set("x-request-id", "1");
    await next();
  });
  app.use(koaAuth(auth).handler);
  const url = await listen(app.callback());
  const leaving = new AbortController();
  const response = await fetch(`${url}/api/auth/events`, { headers: { cookie }, signal: leaving.signal });
  expect([response.status, response.headers.get("x-request-id")]).toEqual([200, "1"]);
  expect(new TextDecoder().decode((await response.body?.getReader().read())?.value)).toContain("retry:");
  leaving.abort();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(onError).not.toHaveBeenCalled();
});

test("node: a request that a platform made, without a connection, and that never ends, is nobody's error", async () => {
  const { handler } = nodeAuth(await makeAuth());
  const url = await listen((_request, response) => {
    const made = new IncomingMessage(new Socket());
    made.method = "POST";
    made.url = "/api/auth/sign-in/email";
    made.headers = { ...json, "sec-fetch-site": "cross-site", "content-length": "5" };
    Object.defineProperty(made, "socket", { value: {} });
    handler(made, response, () => response.destroy());
  });
  expect((await fetch(url)).status).toBe(403);
  // Longer than what is left of a body is waited for; Vitest sees what is thrown then.
  await new Promise((resolve) => setTimeout(resolve, 700));
});
