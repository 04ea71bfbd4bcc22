import { Hono } from "hono";
import { getConnInfo } from "hono/cloudflare-workers";
import { html } from "hono/html";
import { LatchkeyError, problemResponse } from "latchkey";
import { honoAuth, safeNext, sendCookies } from "latchkey/hono";
import { makeAuth } from "./auth.js";

/** @typedef {import("./auth.js").Env} Env */

/** @param {Env} env */
function makeApp(env) {
  const auth = makeAuth(env);
  const options = { signIn: "/sign-in", connInfo: getConnInfo };
  const { handler, requireAuth, optionalAuth, callFrom } = honoAuth(auth, options);
  const app = new Hono();

  app.onError((error) => {
    console.error(error);
    // Where the store does not answer, auth.api throws: that is 503, not 500.
    return error instanceof LatchkeyError ? problemResponse(error) : new Response("Sorry", { status: 500 });
  });
  app.use(handler); // everything below /api/auth

  app.get("/public", optionalAuth(), (c) => c.json({ user: c.var.auth?.user.id ?? null }));
  app.get("/me", requireAuth(), (c) => {
    const { user, session, client } = c.var.auth;
    return c.json({ user, session, client });
  });
  app.get("/admin", requireAuth({ role: "admin" }), (c) => c.json({ user: c.var.auth.user.id }));
  app.post("/notes", requireAuth({ permission: "note:write" }), async (c) => {
    const { text } = await c.req.json();
    return c.json({ text, by: c.var.auth.user.id }, 201);
  });
  app.get("/account", requireAuth(), (c) => {
    c.header("set-cookie", "seen=1; Path=/; SameSite=Lax");
    return c.html(html`<!doctype html><title>Your account</title><p>You are ${c.var.auth.user.id}.</p>`);
  });
  app.get("/sign-in", (c) => {
    const next = encodeURIComponent(safeNext(c.req.query("next"), "/account"));
    return c.html(html`<!doctype html><title>Sign in</title>
<form method="post" action="/sign-in?next=${next}">
<input name="email" type="email" autocomplete="username"> <input name="password" type="password"> <button>Sign in</button>
</form>`);
  });
  app.post("/sign-in", async (c) => {
    const call = callFrom(c);
    const { email, password } = /** @type {Record<string, string>} */ (await c.req.parseBody());
    // Nobody is signed in yet, so no guard has asked which page the form came from.
    const refusal = auth.checkOrigin(call.request);
    const input = { email: `${email}`, password: `${password}`, client: "web" };
    const result = refusal ?? (await auth.api.signInEmail(input, call));
    if (!result.ok) return problemResponse(result);
    sendCookies(c, result);
    return c.redirect(safeNext(c.req.query("next"), "/account"), 303);
  });
  return app;
}

/** @type {Hono | undefined} */
let app;

export default {
  /**
   * One application for an isolate: what its checks have learnt serves every request after.
   *
   * @param {Request} request
   * @param {Env} env
   * @param {import("hono").ExecutionContext} context
   */
  fetch(request, env, context) {
    app ??= makeApp(env);
    return app.fetch(request, env, context);
  },
};
