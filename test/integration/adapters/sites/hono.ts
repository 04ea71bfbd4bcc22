import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { Hono } from "hono";
import type { Auth } from "latchkey";
import { honoAuth } from "latchkey/hono";

/** The contract of `Site` on Hono. Bodies are read before the handler gets them, as validators do. */
export function honoSite(auth: Auth): RequestListener {
  const { handler, requireAuth, optionalAuth } = honoAuth(auth, { signIn: "/sign-in" });
  const app = new Hono();
  app.use(async (c, next) => {
    if (c.req.method === "POST") await c.req.text();
    await next();
  });
  app.use(handler);
  app.get("/public", optionalAuth(), (c) => c.json({ user: c.var.auth?.user.id ?? null }));
  app.get("/me", requireAuth(), (c) => {
    const { user, session, client } = c.var.auth;
    return c.json({ user: { ...user, roles: [...user.roles] }, session: { id: session.id }, client });
  });
  app.get("/admin", requireAuth({ role: "admin" }), (c) => c.json({ user: c.var.auth.user.id }));
  app.post("/notes", requireAuth({ permission: "note:write" }), async (c) => {
    const isJson = c.req.header("content-type") === "application/json";
    const { text } = isJson ? await c.req.json() : { text: "" };
    return c.json({ text, by: c.var.auth.user.id }, 201);
  });
  app.get("/account", requireAuth(), (c) => {
    c.header("set-cookie", "seen=1");
    return c.html(`<p>${c.var.auth.user.id}</p>`);
  });
  app.get("/broken", requireAuth(), async (c) => {
    if (c.req.url.endsWith("later")) await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error("broken by the application");
  });
  app.onError((_error, c) => c.text("sorry", 500));
  return getRequestListener(app.fetch);
}
