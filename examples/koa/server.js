import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import Koa from "koa";
import { LatchkeyError, messageOf, statusOf } from "latchkey";
import { callFrom, koaAuth, safeNext, sendCookies, signedIn } from "latchkey/koa";
import { auth, makeAdmin } from "./auth.js";

const { handler, requireAuth, optionalAuth } = koaAuth(auth, { signIn: "/sign-in" });
/** @type {Koa<import("latchkey/koa").AuthState>} */
const app = new Koa();
/** @type {Router<import("latchkey/koa").AuthState>} */
const router = new Router();

router.get("/public", optionalAuth(), (ctx) => {
  ctx.body = { user: ctx.state.auth?.user.id ?? null };
});
router.get("/me", requireAuth(), (ctx) => {
  const { user, session, client } = signedIn(ctx.state);
  ctx.body = { user, session, client };
});
router.get("/admin", requireAuth({ role: "admin" }), (ctx) => {
  ctx.body = { user: signedIn(ctx.state).user.id };
});
router.post("/notes", requireAuth({ permission: "note:write" }), (ctx) => {
  const { text } = bodyOf(ctx);
  ctx.status = 201;
  ctx.body = { text, by: signedIn(ctx.state).user.id };
});

router.get("/account", requireAuth(), (ctx) => {
  ctx.cookies.set("seen", "1");
  ctx.type = "html";
  // An id is safe as it is; what people wrote would have to be escaped.
  ctx.body = `<!doctype html><title>Your account</title><p>You are ${signedIn(ctx.state).user.id}.</p>`;
});
router.get("/sign-in", (ctx) => {
  const next = encodeURIComponent(safeNext(ctx.query.next, "/account"));
  ctx.type = "html";
  ctx.body = `<!doctype html><title>Sign in</title>
<form method="post" action="/sign-in?next=${next}">
<input name="email" type="email" autocomplete="username"> <input name="password" type="password"> <button>Sign in</button>
</form>`;
});
router.post("/sign-in", async (ctx) => {
  const call = callFrom(ctx.req);
  const { email = "", password = "" } = bodyOf(ctx);
  // Nobody is signed in yet, so no guard has asked which page the form came from.
  const refusal = auth.checkOrigin(call.request);
  const result = refusal ?? (await auth.api.signInEmail({ email, password, client: "web" }, call));
  if (result.ok) {
    sendCookies(ctx.res, result);
    ctx.status = 303;
    ctx.redirect(safeNext(ctx.query.next, "/account"));
  } else {
    refuse(ctx, result);
  }
});

app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    // Where the database does not answer, auth.api throws: that is 503, not 500. All other errors are Koa's to handle.
    if (!(error instanceof LatchkeyError)) throw error;
    ctx.app.emit("error", error, ctx);
    refuse(ctx, error);
  }
});
app.use(handler); // everything below /api/auth
app.use(bodyParser({ enableTypes: ["json", "form"] }));
app.use(router.routes());
app.use(router.allowedMethods());

/** @param {Koa.Context} ctx @param {import("latchkey").Refusal | LatchkeyError} refusal */
function refuse(ctx, { code, retryAfter }) {
  ctx.status = statusOf(code);
  if (retryAfter !== undefined) ctx.set("Retry-After", String(retryAfter));
  ctx.body = messageOf(code);
}

/** @param {{ request: { body?: unknown } }} ctx */
function bodyOf(ctx) {
  return /** @type {Record<string, string>} */ (ctx.request.body ?? {});
}

await auth.start();
await makeAdmin();
const server = app.listen(Number(process.env.PORT ?? 3000), "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object") console.log(`Listening on http://127.0.0.1:${address?.port}`);
});
process.once("SIGTERM", () => server.close(() => auth.close()).closeIdleConnections());
