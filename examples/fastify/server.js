import fastify from "fastify";
import { LatchkeyError, messageOf, statusOf } from "latchkey";
import { callFrom, fastifyAuth, safeNext, sendCookies, signedIn } from "latchkey/fastify";
import { auth, makeAdmin } from "./auth.js";

const app = fastify();
await app.register(fastifyAuth, { auth, signIn: "/sign-in" }); // with everything below /api/auth
app.addContentTypeParser(
  "application/x-www-form-urlencoded",
  { parseAs: "string" },
  (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))));
  },
);

app.setErrorHandler((error, _request, reply) => {
  // Where the database does not answer, auth.api throws: that is 503, not 500. All other errors are Fastify's to handle.
  if (!(error instanceof LatchkeyError)) throw error;
  reply.log.error(error);
  return refuse(reply, error);
});

app.get("/public", { onRequest: app.optionalAuth() }, async (request) => {
  return { user: request.auth?.user.id ?? null };
});
app.get("/me", { onRequest: app.requireAuth() }, async (request) => {
  const { user, session, client } = signedIn(request);
  return { user, session, client };
});
app.get("/admin", { onRequest: app.requireAuth({ role: "admin" }) }, async (request) => {
  return { user: signedIn(request).user.id };
});
app.post("/notes", { onRequest: app.requireAuth({ permission: "note:write" }) }, async (request, reply) => {
  const { text } = /** @type {Record<string, string>} */ (request.body);
  return reply.code(201).send({ text, by: signedIn(request).user.id });
});

app.get("/account", { onRequest: app.requireAuth() }, async (request, reply) => {
  reply.header("set-cookie", "seen=1; Path=/; SameSite=Lax").type("text/html");
  // An id is safe as it is; what people wrote would have to be escaped.
  return `<!doctype html><title>Your account</title><p>You are ${signedIn(request).user.id}.</p>`;
});
app.get("/sign-in", async (request, reply) => {
  const next = encodeURIComponent(nextOf(request));
  reply.type("text/html");
  return `<!doctype html><title>Sign in</title>
<form method="post" action="/sign-in?next=${next}">
<input name="email" type="email" autocomplete="username"> <input name="password" type="password"> <button>Sign in</button>
</form>`;
});
app.post("/sign-in", async (request, reply) => {
  const call = callFrom(request.raw);
  const { email = "", password = "" } = /** @type {Record<string, string>} */ (request.body ?? {});
  // Nobody is signed in yet, so no guard has asked which page the form came from.
  const refusal = auth.checkOrigin(call.request);
  const result = refusal ?? (await auth.api.signInEmail({ email, password, client: "web" }, call));
  if (!result.ok) return refuse(reply, result);
  sendCookies(reply.raw, result);
  return reply.redirect(nextOf(request), 303);
});

/** @param {import("fastify").FastifyReply} reply @param {import("latchkey").Refusal | LatchkeyError} refusal */
function refuse(reply, { code, retryAfter }) {
  if (retryAfter !== undefined) reply.header("retry-after", retryAfter);
  return reply.code(statusOf(code)).send(messageOf(code));
}

/** @param {import("fastify").FastifyRequest} request */
function nextOf({ query }) {
  return safeNext(/** @type {Record<string, unknown>} */ (query).next, "/account");
}

await auth.start();
await makeAdmin();
const address = await app.listen({ port: Number(process.env.PORT ?? 3000), host: "127.0.0.1" });
console.log(`Listening on ${address}`);
process.once("SIGTERM", () => app.close().then(() => auth.close()));
