import type { RequestListener } from "node:http";
import { bodyParser } from "@koa/bodyparser";
import Router from "@koa/router";
import Koa from "koa";
import Koa2 from "koa2";
import type { Auth } from "latchkey";
import { type AuthState, koaAuth, signedIn } from "latchkey/koa";

/** The contract of `Site` on Koa. Bodies are parsed before the handler gets them, as in most applications. */
export function koaSite(auth: Auth): RequestListener {
  return siteOn(auth, new Koa<AuthState>());
}

/** The same on Koa 2. */
export function koa2Site(auth: Auth): RequestListener {
  return siteOn(auth, new Koa2<AuthState>());
}

function siteOn(auth: Auth, app: Koa<AuthState>): RequestListener {
  const { handler, requireAuth, optionalAuth } = koaAuth(auth, { signIn: "/sign-in" });
  app.silent = true;
  const router = new Router<AuthState>();
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
    ctx.status = 201;
    const { text } = (ctx.request.body ?? {}) as { text?: unknown };
    ctx.body = { text, by: signedIn(ctx.state).user.id };
  });
  router.get("/account", requireAuth(), (ctx) => {
    ctx.cookies.set("seen", "1");
    ctx.body = `<p>${signedIn(ctx.state).user.id}</p>`;
  });
  router.get("/broken", requireAuth(), async (ctx) => {
    if ("later" in ctx.query) await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error("broken by the application");
  });
  app.use(bodyParser());
  app.use(handler);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app.callback();
}
