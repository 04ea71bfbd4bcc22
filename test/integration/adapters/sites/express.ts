import express from "express";
import express4 from "express4";
import type { Auth } from "latchkey";
import { expressAuth, signedIn } from "latchkey/express";

/** The contract of `Site` on Express. Bodies are parsed before the handler gets them, as in most applications. */
export function expressSite(auth: Auth): express.Express {
  return siteOn(auth, express);
}

/** The same on Express 4. It knows nothing of promises: what an application throws later is its own to pass on. */
export function express4Site(auth: Auth): express.Express {
  return siteOn(auth, express4);
}

function siteOn(auth: Auth, framework: typeof express): express.Express {
  const { handler, requireAuth, optionalAuth } = expressAuth(auth, { signIn: "/sign-in" });
  const app = framework();
  app.use(framework.json());
  app.use(handler);
  app.get("/public", optionalAuth(), (request, response) => {
    response.json({ user: request.auth?.user.id ?? null });
  });
  app.get("/me", requireAuth(), (request, response) => {
    const { user, session, client } = signedIn(request);
    response.json({ user, session, client });
  });
  app.get("/admin", requireAuth({ role: "admin" }), (request, response) => {
    response.json({ user: signedIn(request).user.id });
  });
  app.post("/notes", requireAuth({ permission: "note:write" }), (request, response) => {
    const { text } = (request.body ?? {}) as { text?: unknown };
    response.status(201).json({ text, by: signedIn(request).user.id });
  });
  app.get("/account", requireAuth(), (request, response) => {
    response.cookie("seen", "1").send(`<p>${signedIn(request).user.id}</p>`);
  });
  app.get("/broken", requireAuth(), (request, _response, next) => {
    const error = new Error("broken by the application");
    if (!("later" in request.query)) throw error;
    const later = new Promise((resolve) => setTimeout(resolve, 5));
    if (framework === express4) return void later.then(() => next(error));
    return later.then(() => Promise.reject(error));
  });
  app.use(((error: { status?: number }, _request, response, _next) => {
    response.status(error.status ?? 500).send("sorry");
  }) satisfies express.ErrorRequestHandler);
  return app;
}
