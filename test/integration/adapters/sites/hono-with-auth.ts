import type { RequestListener } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import type { Auth } from "latchkey";
import { honoAuth, type SignedInEnv } from "latchkey/hono";

/** The contract of `Site` on Hono: but for pages, each guard is around its handler, with no middleware before it. */
export function honoWithAuthSite(auth: Auth): RequestListener {
  const { handler, withAuth, requireAuth, optionalAuth } = honoAuth(auth, { signIn: "/sign-in" });
  const app = new Hono();
  app.use(`${auth.basePath}/*`, handler);
  app.use("/.well-known/*", handler);
  app.get("/public", optionalAuth(), (c) => c.json({ user: c.var.auth?.user.id ?? null }));
  app.get(
    "/me",
    withAuth({}, (c) => {
      const { user, session, client } = c.var.auth;
      return c.json({ user: { ...user, roles: [...user.roles] }, session: { id: session.id }, client });
    }),
  );
  app.get(
    "/admin",
    withAuth({ role: "admin" }, (c) => c.json({ user: c.var.auth.user.id })),
  );
  const addNote = async (c: Context<SignedInEnv>): Promise<Response> => {
    const isJson = c.req.header("content-type") === "application/json";
    const { text } = isJson ? await c.req.json() : { text: "" };
    return c.json({ text, by: c.var.auth.user.id }, 201);
  };
  app.post("/notes", withAuth({ permission: "note:write" }, addNote));
  app.get("/account", requireAuth(), (c) => {
    c.header("set-cookie", "seen=1");
    return c.html(`<p>${c.var.auth.user.id}</p>`);
  });
  const fail = (c: Context<SignedInEnv>): Promise<Response> => {
    if (!c.req.url.endsWith("later")) throw new Error("broken by the application");
    return new Promise((_resolve, reject) => setTimeout(reject, 5, new Error("broken by the application")));
  };
  app.get("/broken", withAuth({}, fail));
  app.onError((_error, c) => c.text("sorry", 500));
  return getRequestListener(app.fetch);
}
