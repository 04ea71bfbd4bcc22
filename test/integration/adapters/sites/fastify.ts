import type { RequestListener } from "node:http";
import fastify from "fastify";
import type { Auth } from "latchkey";
import { fastifyAuth, signedIn } from "latchkey/fastify";

/** The contract of `Site` on Fastify. */
export async function fastifySite(auth: Auth): Promise<RequestListener> {
  const app = fastify();
  app.addContentTypeParser("text/plain", { parseAs: "string" }, (_request, body, done) => done(null, body));
  await app.register(fastifyAuth, { auth, signIn: "/sign-in" });
  app.get("/public", { onRequest: app.optionalAuth() }, async (request) => ({
    user: request.auth?.user.id ?? null,
  }));
  app.get("/me", { onRequest: app.requireAuth() }, async (request) => {
    const { user, session, client } = signedIn(request);
    return { user, session, client };
  });
  app.get("/admin", { onRequest: app.requireAuth({ role: "admin" }) }, async (request) => ({
    user: signedIn(request).user.id,
  }));
  app.post(
    "/notes",
    { preHandler: app.requireAuth({ permission: "note:write" }) },
    async (request, reply) => {
      const { text } = request.body as { text?: unknown };
      return reply.code(201).send({ text, by: signedIn(request).user.id });
    },
  );
  app.get("/account", { onRequest: app.requireAuth() }, async (request, reply) => {
    return reply
      .header("set-cookie", "seen=1")
      .type("text/html")
      .send(`<p>${signedIn(request).user.id}</p>`);
  });
  app.get("/broken", { onRequest: app.requireAuth() }, async (request) => {
    if (request.url.endsWith("later")) await new Promise((resolve) => setTimeout(resolve, 5));
    throw new Error("broken by the application");
  });
  await app.ready();
  return (request, response) => app.routing(request, response);
}
