// @ts-check
// How other libraries are mounted, as their own documentation shows it; keys prepared once where they allow it.
import { RedisStore } from "connect-redis";
import { Redis } from "ioredis";
import { createClient } from "redis";

const issuer = "https://app.example";
const secret = "a secret of the benchmark, 32 characters";

/** @param {Uint8Array<ArrayBuffer>} bytes */
const cryptoKey = (bytes) =>
  crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);

/** @param {string} redisUrl */
async function redisStore(redisUrl) {
  const client = createClient({ url: redisUrl });
  await client.connect();
  // Without it each request writes the session's expiry: slower still.
  return new RedisStore({ client, disableTouch: true });
}

/** @type {Record<string, (app: any, peer: any) => Promise<void>>} */
export const peers = {
  async "better-auth"(app, { auth }) {
    app.get("/", async (/** @type {import("hono").Context} */ c) => {
      const found = await auth.api.getSession({ headers: c.req.raw.headers });
      return found === null ? c.text("", 401) : c.text(`hello ${found.user.id}`);
    });
  },
  async jose(app, { secret: bytes }) {
    const { jwtVerify } = await import("jose");
    const key = await cryptoKey(bytes);
    const options = { algorithms: ["HS256"], issuer, audience: issuer };
    app.get("/", async (/** @type {import("hono").Context} */ c) => {
      const { payload } = await jwtVerify((c.req.header("authorization") ?? "").slice(7), key, options);
      return c.text(`hello ${payload.sub}`);
    });
  },
  async "hono/jwt"(app, { secret: bytes }) {
    const { jwt } = await import("hono/jwt");
    app.use(jwt({ secret: /** @type {any} */ (await cryptoKey(bytes)), alg: "HS256" }));
    app.get("/", (/** @type {any} */ c) => c.text(`hello ${c.get("jwtPayload").sub}`));
  },
  async "iron-session"(app, { password }) {
    const { unsealData } = await import("iron-session");
    app.get("/", async (/** @type {import("hono").Context} */ c) => {
      const { user } = await unsealData((c.req.header("cookie") ?? "").slice("session=".length), {
        password,
      });
      return user === undefined ? c.text("", 401) : c.text(`hello ${user}`);
    });
  },
  async "@fastify/jwt"(app, { secret: bytes, cache = false }) {
    const { default: plugin } = await import("@fastify/jwt");
    const verify = { algorithms: ["HS256"], allowedIss: issuer, allowedAud: issuer, cache };
    await app.register(plugin, { secret: Buffer.from(bytes), verify });
    app.addHook("onRequest", (/** @type {any} */ request) => request.jwtVerify());
    app.get("/", (/** @type {any} */ request, /** @type {any} */ reply) =>
      reply.send(`hello ${request.user.sub}`),
    );
  },
  async "@fastify/session"(app, { redisUrl }) {
    const [{ default: cookie }, { default: session }] = [
      await import("@fastify/cookie"),
      await import("@fastify/session"),
    ];
    await app.register(cookie);
    const options = { cookie: { secure: false }, saveUninitialized: false, rolling: false };
    await app.register(session, { secret, store: await redisStore(redisUrl), ...options });
    app.get("/sign-in", async (/** @type {any} */ request) => {
      request.session.user = "user-1";
      return "in";
    });
    app.get("/", (/** @type {any} */ request, /** @type {any} */ reply) =>
      request.session.user ? reply.send(`hello ${request.session.user}`) : reply.code(401).send(),
    );
  },
  async "koa-jwt"(app, { keyObject, redisUrl, looksUp = false }) {
    const { default: jwt } = await import("koa-jwt");
    const client = looksUp ? new Redis(redisUrl) : undefined;
    const isRevoked = async (/** @type {unknown} */ _ctx, /** @type {any} */ token) =>
      (await client?.get(`revoked:${token.jti}`)) !== null;
    const extra = client === undefined ? {} : { isRevoked };
    app.use(jwt({ secret: keyObject, algorithms: ["HS256"], issuer, audience: issuer, ...extra }));
  },
  async "express-session"(app, { redisUrl }) {
    const { default: session } = await import("express-session");
    const options = { secret, resave: false, saveUninitialized: false };
    app.use(session({ ...options, store: await redisStore(redisUrl) }));
    app.get("/sign-in", (/** @type {any} */ request, /** @type {any} */ response) => {
      request.session.user = "user-1";
      response.send("in");
    });
    app.use((/** @type {any} */ request, /** @type {any} */ response, /** @type {any} */ next) =>
      request.session.user ? next() : response.status(401).end(),
    );
  },
};
