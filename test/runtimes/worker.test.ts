import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer, request as makeRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test, vi } from "vitest";
import { makeAuth } from "../../examples/worker/auth.js";
import { startOrigin } from "../../runtimes/origin.js";
import { startRest } from "../../runtimes/rest.js";
import { runWorker } from "../../runtimes/workerd.js";
import { type Site, type Step, scenario } from "../integration/adapters/scenario.ts";
import { Visitor } from "../integration/adapters/visitor.ts";

vi.setConfig({ testTimeout: 120_000 });
// Both at once: they mostly wait.

const admin = { email: "root@example.com", password: "the password of whoever is in charge" };
const usual = { admin, accessExpiresIn: 900, maxStaleness: 2, hasBroken: false };

const clients = [
  { client: "web", transport: "cookie", strategy: "session-live" },
  { client: "mobile", transport: "bearer", strategy: "jwt-live" },
] as const;

test.concurrent("an application in a Worker, session-live by cookie and jwt-live by bearer", async ({
  onTestFinished,
}) => {
  const { rest, take, stop } = await startRest();
  onTestFinished(stop);
  const bindings = {
    LATCHKEY_SECRET: "a secret for tests, of more than 32 characters",
    REDIS_URL: rest.url,
    REDIS_TOKEN: rest.token,
  };
  const auth = makeAuth(bindings);
  expect(await auth.api.createUser({ ...admin, roles: ["admin"] })).toMatchObject({ ok: true });
  await auth.close();
  const walk = async (baseURL: string): Promise<void> => {
    for (const client of clients) await scenario({ ...usual, ...client, baseURL, takeStore: take });
  };
  await runWorker("../examples/worker/app.js", bindings, walk, ["nodejs_compat"]);
});

/** What a Worker has that only verifies: no pages, no store, and the routes of another server. */
const ofVerifier: readonly Step[] = ["nobody", "known", "roles", "crossSite", "revocation", "signOut"];

test.concurrent("a Worker that verifies for another server", async ({ onTestFinished }) => {
  const clientSecret = randomBytes(32).toString("hex");
  const { auth, issuer, stop } = await startOrigin(clientSecret);
  onTestFinished(stop);
  expect(await auth.api.createUser({ ...admin, roles: ["admin"] })).toMatchObject({ ok: true });
  const bindings = { ISSUER: issuer, CLIENT_ID: "orders", CLIENT_SECRET: clientSecret };
  await runWorker("../examples/worker/worker.js", bindings, async (url) => {
    const { baseURL, close } = await startFront(new URL(issuer).origin, url);
    onTestFinished(close);
    await awake(baseURL);
    // Nothing runs there between two requests: what is older than the bound is read anew before the answer.
    const lag = usual.maxStaleness * 1000 + 100;
    const takeStore: Site["takeStore"] = () => () => undefined;
    await scenario({ ...usual, ...clients[1], baseURL, lag, takeStore }, ofVerifier);
  });
});

/** The first check reads all that it must know of the server; on a busy machine it cannot tell before that is there. */
async function awake(baseURL: string): Promise<void> {
  const visitor = new Visitor(baseURL, "mobile", "bearer");
  await visitor.signUp({ email: "early@example.com", password: admin.password });
  await expect.poll(async () => (await visitor.get("/me")).status, { timeout: 10_000 }).toBe(200);
}

/** One address for both: what is below /api/auth is the server's to answer, everything else the Worker's. */
async function startFront(
  server: string,
  worker: string,
): Promise<{ readonly baseURL: string; readonly close: () => void }> {
  const front = createServer((request, response) => {
    const { url = "/", method, headers } = request;
    const target = url.startsWith("/api/auth/") ? server : worker;
    const passed = makeRequest(target + url, { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    request.pipe(passed);
  });
  front.listen(0, "127.0.0.1");
  await once(front, "listening");
  const close = (): void => {
    front.closeAllConnections();
    front.close();
  };
  return { baseURL: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, close };
}
