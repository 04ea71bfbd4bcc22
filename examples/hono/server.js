import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { html } from "hono/html";
import { LatchkeyError, problemResponse } from "latchkey";
import { honoAuth, safeNext, sendCookies } from "latchkey/hono";
import { auth, makeAdmin } from "./auth.js";

const { handler, requireAuth, optionalAuth, callFrom } = honoAuth(auth, { signIn: "/sign-in" });
const app = new Hono();

app.onError((error) => {
  console.error(error);
  // Where the database does not answer, auth.api throws: that is 503, not 500.
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
  const result =
    refusal ??
    (await auth.api.signInEmail({ email: `${email}`, password: `${password}`, client: "web" }, call));
  if (!result.ok) return problemResponse(result);
  sendCookies(c, result);
  return c.redirect(safeNext(c.req.query("next"), "/account"), 303);
});

await auth.start();
await makeAdmin();
const server = serve(
  { fetch: app.fetch, port: Number(process.env.PORT ?? 3000), hostname: "127.0.0.1" },
  ({ port }) => {
    console.log(`Listening on http://127.0.0.1:${port}`);
  },
);
process.once("SIGTERM", () => server.close(() => auth.close()));
