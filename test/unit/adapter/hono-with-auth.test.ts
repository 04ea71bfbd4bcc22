import { type Context, Hono } from "hono";
import { hc } from "hono/client";
import { HTTPException } from "hono/http-exception";
import type { Auth, LatchkeyOptions } from "latchkey";
import { honoAuth, type SignedInEnv } from "latchkey/hono";
import { describe, expect, test } from "vitest";
import { makeStage, password, signUp } from "../../support/stage.ts";

const clients: LatchkeyOptions["clients"] = {
  mobile: { transport: "bearer", strategy: "jwt-live" },
  opaque: { transport: "bearer", strategy: "session" },
  web: { transport: "cookie", strategy: "jwt-allowlist" },
};
const email = "ada@example.com";

async function bearer(auth: Auth, client: string): Promise<{ authorization: string }> {
  const { credentials } = await signUp(auth, email, client);
  if (credentials.transport !== "bearer") throw new Error("no bearer client");
  const token = "accessToken" in credentials ? credentials.accessToken : credentials.sessionToken;
  return { authorization: `Bearer ${token}` };
}

test("what can be told at once is answered at once; what has to be asked for, later", async () => {
  const { auth } = makeStage({ clients });
  const app = new Hono();
  app.get(
    "/",
    honoAuth(auth).withAuth({}, (c) => c.text(c.get("auth").client)),
  );
  const ask = (headers: { authorization: string }): Response | Promise<Response> =>
    app.request("/", { headers });
  const mobile = await bearer(auth, "mobile");
  await ask(mobile);
  const second = ask(mobile);
  expect(second).toBeInstanceOf(Response);
  expect(await (await second).text()).toBe("mobile");
  const { credentials } = await auth.api
    .signInEmail({ email, password, client: "opaque" })
    .then((it) => (it.ok ? it : Promise.reject(new Error(it.code))));
  const token = "sessionToken" in credentials ? credentials.sessionToken : "";
  const later = ask({ authorization: `Bearer ${token}` });
  expect(later).toBeInstanceOf(Promise);
  expect(await (await later).text()).toBe("opaque");
});

test("whoever is not signed in, or lacks the role, does not reach the handler", async () => {
  const { auth } = makeStage({ clients });
  let calls = 0;
  const app = new Hono();
  app.use("/behind/*", async (_c, next) => next());
  for (const path of ["/alone", "/behind/one"])
    app.all(
      path,
      honoAuth(auth).withAuth({ role: "admin" }, (c) => {
        calls += 1;
        return c.text("secret");
      }),
    );
  const headers = await bearer(auth, "mobile");
  for (const path of ["/alone", "/behind/one"])
    for (const method of ["GET", "HEAD", "POST"]) {
      expect((await app.request(path, { method })).status).toBe(401);
      expect((await app.request(path, { method, headers })).status).toBe(403);
      const broken = { authorization: `${headers.authorization}x` };
      expect((await app.request(path, { method, headers: broken })).status).toBe(401);
    }
  expect(calls).toBe(0);
});

test("nothing is renewed: the refresh token is left for a request that can take its successor", async () => {
  const { auth, advance } = makeStage({ clients });
  const { credentials } = await signUp(auth, email, "web");
  const lines = credentials.transport === "cookie" ? credentials.setCookies : [];
  const cookie = lines.map((line) => line.split(";", 1)[0]).join("; ");
  const headers = { cookie, "sec-fetch-mode": "navigate" };
  advance(16 * 60_000);
  const { withAuth, requireAuth } = honoAuth(auth);
  const app = new Hono();
  const fail = (): never => {
    throw new HTTPException(404, { res: new Response("none", { status: 404 }) });
  };
  app.get("/with", withAuth({}, fail));
  app.get("/page", requireAuth(), fail);
  app.onError((error) =>
    error instanceof HTTPException ? error.getResponse() : new Response("", { status: 500 }),
  );
  const refused = await app.request("/with", { headers });
  expect([refused.status, refused.headers.getSetCookie()]).toEqual([401, []]);
  advance(60_000);
  const page = await app.request("/page", { headers });
  expect(page.status).toBe(404);
  expect(page.headers.getSetCookie().length).toBeGreaterThan(0);
});

test("what a guard before it has renewed counts", async () => {
  const { auth, advance } = makeStage({ clients });
  const { credentials } = await signUp(auth, email, "web");
  const lines = credentials.transport === "cookie" ? credentials.setCookies : [];
  const cookie = lines.map((line) => line.split(";", 1)[0]).join("; ");
  advance(16 * 60_000);
  const { withAuth, optionalAuth } = honoAuth(auth);
  const app = new Hono();
  app.use(optionalAuth());
  app.get(
    "/",
    withAuth({}, (c) => c.text(c.get("auth").client)),
  );
  const response = await app.request("/", { headers: { cookie, "sec-fetch-mode": "navigate" } });
  expect(await response.text()).toBe("web");
  expect(response.headers.getSetCookie().length).toBeGreaterThan(0);
});

describe("misuse is an error at the start", () => {
  const { withAuth } = honoAuth(makeStage({ clients }).auth);
  const handler = (c: Context): Response => c.text("");
  test.each<[string, unknown[]]>([
    ["no requirement", [handler]],
    ["no handler", [{}]],
    ["the other way round", [handler, {}]],
    ["optional", [{ optional: true }, handler]],
    ["a requirement that is none", [{ rol: "admin" }, handler]],
  ])("%s", (_what, given) => {
    expect(() => (withAuth as (...all: unknown[]) => unknown)(...given)).toThrow(
      expect.objectContaining({ code: "misuse" }),
    );
  });
});

interface AppEnv {
  Variables: { db: string };
}

test("Hono's tools see a handler, and its client what the handler answers", async () => {
  const { auth } = makeStage({ clients });
  const { withAuth } = honoAuth<AppEnv>(auth);
  const app = new Hono<AppEnv>().get(
    "/notes/:id",
    withAuth({}, (c: Context<AppEnv & SignedInEnv, "/notes/:id">) =>
      c.json({ id: c.req.param("id"), by: c.get("auth").user.id }),
    ),
  );
  app.get(
    "/db",
    withAuth({}, (c) => c.text(c.var.db)),
  );
  expect(app.routes.map(({ handler }) => handler.length)).toEqual([1, 1]);
  const headers = await bearer(auth, "mobile");
  const fetching: typeof fetch = async (input, init) => app.request(String(input), { ...init, headers });
  const client = hc<typeof app>("http://localhost", { fetch: fetching });
  const answer = await client.notes[":id"].$get({ param: { id: "7" } });
  const note: { id: string; by: string } = await answer.json();
  expect(note.id).toBe("7");
});
