import { createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
import { Hono } from "hono";
import { honoAuth } from "latchkey/hono";
import { callFrom, nodeAuth } from "latchkey/node";
import { expect, onTestFinished, test, vi } from "vitest";
import { credentialOf, makeStage, signUp } from "../../support/stage.ts";

const clients = {
  web: { transport: "cookie", strategy: "jwt-allowlist" },
  mobile: { transport: "bearer", strategy: "session" },
  live: { transport: "bearer", strategy: "session-live" },
} as const;

async function arrive(client: keyof typeof clients = "mobile") {
  const { auth, calls } = makeStage({ clients });
  onTestFinished(() => auth.close());
  const authorization = `Bearer ${credentialOf(await signUp(auth, "ada@example.com", client))}`;
  return { auth, authorization, calls };
}

test("a bearer client's request is asked for its header once, and for no cookie", async () => {
  const { auth, authorization } = await arrive();
  const app = new Hono().get("/", honoAuth(auth).requireAuth(), (c) => c.text(c.var.auth.user.id));
  const request = new Request("http://localhost/", { headers: { authorization } });
  const asked: string[] = [];
  const get = (name: string): string | null => {
    asked.push(name);
    return name === "authorization" ? authorization : null;
  };
  Object.defineProperty(request, "headers", { value: { get } });
  expect((await app.fetch(request)).status).toBe(200);
  expect(asked).toEqual(["authorization"]);
});

test("a header that the application changes between two guards counts for the second", async () => {
  const { auth, authorization } = await arrive();
  const { optionalAuth, requireAuth } = honoAuth(auth);
  const app = new Hono().get(
    "/",
    optionalAuth(),
    async (c, next) => {
      c.req.raw.headers.set("authorization", authorization);
      await next();
    },
    requireAuth(),
    (c) => c.text(c.var.auth.user.id),
  );
  expect((await app.request("http://localhost/")).status).toBe(200);

  const seen: unknown[] = [];
  const message = { method: "GET", url: "/", headers: {} as Record<string, string>, rawHeaders: undefined };
  const { optionalAuth: optional } = nodeAuth(auth);
  for (const value of [undefined, authorization]) {
    if (value !== undefined) message.headers.authorization = value;
    await new Promise<void>((done) => {
      optional()(message as never, {} as never, () => {
        seen.push((message as { auth?: unknown }).auth !== undefined);
        done();
      });
    });
  }
  expect(seen).toEqual([false, true]);
  expect(callFrom(message as never).request.headers.get("authorization")).toBe(authorization);
});

test.each([
  ["one", (value: string) => value],
  ["a list, as some platforms give it", (value: string) => [value]],
])("authorization is %s", async (_, write) => {
  const { auth, authorization } = await arrive();
  for (const rawHeaders of [undefined, ["Authorization", authorization]]) {
    const message = { method: "GET", headers: { authorization: write(authorization) }, rawHeaders };
    const { request } = callFrom(message as never);
    expect(request.headers.get("authorization")).toBe(authorization);
    expect(request.headers.get("Authorization")).toBe(authorization);
    expect(await auth.authenticate(request)).toHaveProperty("ok", true);
  }
});

test.each([
  ["in the same capitals", "Authorization", 401],
  ["in others", "AUTHORIZATION", 401],
  ["small", "authorization", 401],
  ["of a name that is as long and begins alike", "Accept-Ranges", 200],
])("what was checked before is seen to when another line comes with it: %s", async (_, name, status) => {
  const { auth, authorization, calls } = await arrive("live");
  const { requireAuth } = nodeAuth(auth);
  const server = createServer((request, response) =>
    requireAuth()(request, response, () => response.end("let in")),
  );
  const port = await new Promise<number>((listening) =>
    server.listen(0, "127.0.0.1", () => listening((server.address() as AddressInfo).port)),
  );
  const ask = (lines: readonly string[]): Promise<number | undefined> =>
    new Promise((answered, failed) => {
      // An array of lines goes out as it stands.
      const asked = get({ host: "127.0.0.1", port, agent: false, headers: lines as never }, (response) => {
        answered(response.resume().statusCode);
      });
      asked.once("error", failed);
    });
  try {
    const plain = ["Host", "localhost", "Authorization", authorization];
    await vi.waitFor(async () => {
      calls.length = 0;
      expect(await ask(plain)).toBe(200);
      expect(calls, "it is remembered").not.toContain("readSession");
    });
    expect(await ask([...plain, name, "bytes"])).toBe(status);
    expect(await ask([...plain.slice(0, 2), name, authorization, ...plain.slice(2)])).toBe(status);
  } finally {
    server.close();
  }
});

test("cookies in a list are joined as cookies: one that comes twice is seen to", () => {
  const message = { method: "GET", headers: { cookie: ["a=1", "a=2"] } };
  const { headers } = callFrom(message as never).request;
  expect(headers.get("cookie")).toBe("a=1; a=2");
  expect(headers.get("Cookie")).toBe("a=1; a=2");
});
