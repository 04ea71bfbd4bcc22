import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { createMiddleware } from "hono/factory";
import { createVerifier, LatchkeyError, problemResponse } from "latchkey/verifier";

/** What came as JSON; nothing, where it is none. @param {import("hono").Context} c */
export async function bodyOf(c) {
  return /** @type {Record<string, unknown>} */ (Object(await c.req.json().catch(() => undefined)));
}

/** @typedef {{ Variables: { auth: import("latchkey/verifier").VerifiedToken } }} Env */

const { CLIENT_SECRET = "", ISSUER = "http://127.0.0.1:4000/api/auth", PORT = "0" } = process.env;

/**
 * A service that trusts the tokens of the auth server, and checks them by itself: without a database, without a call
 * for each request, and a ban reaches it within milliseconds.
 *
 * @param {string} name as the auth server knows it
 */
export function makeService(name) {
  const verifier = createVerifier({
    issuer: ISSUER,
    credentials: { clientId: name, clientSecret: CLIENT_SECRET },
    roles: { admin: ["*"], buyer: ["order:write"] },
    node: name,
    logger: console,
  });
  /** @type {Hono<Env>} */
  const app = new Hono();

  /** Lets those through who may. @param {string} [permission] */
  const requireAuth = (permission) =>
    createMiddleware(async (/** @type {import("hono").Context<Env>} */ c, next) => {
      const result = await verifier.authenticate(c.req.raw);
      if (!result.ok) return problemResponse(result);
      if (permission !== undefined && !result.can(permission))
        return problemResponse({ ok: false, code: "forbidden" });
      c.set("auth", result);
      return next();
    });

  app.onError((error) => {
    // It cannot tell: the auth server has not been heard of for longer than maxStaleness. 503, never "signed out".
    if (error instanceof LatchkeyError) return problemResponse(error);
    console.error(error);
    return new Response("Sorry", { status: 500 });
  });

  async function start() {
    await verifier.start();
    const server = serve({ fetch: app.fetch, port: Number(PORT), hostname: "127.0.0.1" }, ({ port }) => {
      console.log(`${name} listens on http://127.0.0.1:${port}`);
      process.send?.({ url: `http://127.0.0.1:${port}` });
    });
    process.once("SIGTERM", () => {
      server.close(() => verifier.close().then(() => process.connected && process.disconnect()));
    });
  }

  return { app, requireAuth, start };
}
