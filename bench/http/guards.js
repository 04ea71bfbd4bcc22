// @ts-check
// What stands before a route: nothing, a look-up by hand, Latchkey, or another library.
import { createSecretKey, randomBytes } from "node:crypto";
import { createSigner } from "fast-jwt";
import { memoryStore } from "latchkey/memory";
import { makeBetterAuth } from "../lib/better-auth.js";
import { makeAuth, signUp, until, withRevocations } from "../lib/people.js";

const people = Number(process.env.BENCH_PEOPLE ?? 512);
const revocations = Number(process.env.BENCH_REVOCATIONS ?? 0);
const redisUrl = process.env.BENCH_REDIS ?? "";

/**
 * @typedef {object} Guard
 * @property {readonly object[]} headers what its people send, one object each
 * @property {import("latchkey").Auth} [auth]
 * @property {(authorization: string | undefined) => string | undefined} [find] by hand: the user's id
 * @property {Record<string, any>} [peer] what the framework makes of another library
 */

const bearer = (/** @type {readonly string[]} */ tokens) =>
  tokens.map((token) => ({ authorization: `Bearer ${token}` }));

/** @param {string} client @returns {Promise<Guard>} */
async function latchkeyWith(client) {
  const auth = makeAuth(withRevocations(memoryStore(), revocations));
  const tokens = await signUp(auth, client, people);
  await until(() => (auth.stats().replica.sessions ?? 0) >= revocations);
  return { headers: bearer(tokens), auth };
}

/** Tokens as long as ours, found in a Map. @param {string} client @returns {Promise<Guard>} */
async function byHand(client) {
  const { headers, auth } = await latchkeyWith(client);
  await auth?.close();
  const users = new Map(headers.map((it, i) => [Object.values(it)[0].slice(7), `user-${i}`]));
  return {
    headers,
    find: (authorization) =>
      authorization?.startsWith("Bearer ") ? users.get(authorization.slice(7)) : undefined,
  };
}

/** HS256 tokens with the claims that others check. */
function signedPeople() {
  const secret = randomBytes(32);
  const sign = createSigner({
    key: secret,
    algorithm: "HS256",
    iss: "https://app.example",
    aud: "https://app.example",
    expiresIn: 3_600_000,
  });
  const tokens = Array.from({ length: people }, (_, i) => {
    const roles = ["editor"];
    return sign({
      sub: `user-${i}`,
      sid: randomBytes(16).toString("base64url"),
      jti: randomBytes(16).toString("base64url"),
      client_id: "mobile",
      roles,
    });
  });
  return { secret, keyObject: createSecretKey(secret), headers: bearer(tokens) };
}

/** @param {"sqlite" | "cookie-cache" | "redis"} kind @returns {Promise<Guard>} */
async function betterAuthWith(kind) {
  const made = await makeBetterAuth(kind, { redisUrl });
  const cookies = await made.signUp(Math.min(people, 64));
  return { headers: cookies.map((cookie) => ({ cookie })), peer: { kind: "better-auth", auth: made.auth } };
}

/** @param {string} kind @param {object} [more] @returns {() => Promise<Guard>} */
function jwtPeer(kind, more = {}) {
  return async () => {
    const { headers, ...keys } = signedPeople();
    return { headers, peer: { kind, ...keys, redisUrl, ...more } };
  };
}

/** @type {Record<string, () => Promise<Guard>>} */
export const guards = {
  bare: async () => ({ headers: [] }),
  "map-jwt": () => byHand("jwt-live"),
  "map-session": () => byHand("live"),
  "jwt-live": () => latchkeyWith("jwt-live"),
  "session-live": () => latchkeyWith("live"),
  "better-auth, SQLite": () => betterAuthWith("sqlite"),
  "better-auth, cookie cache": () => betterAuthWith("cookie-cache"),
  "better-auth, Redis": () => betterAuthWith("redis"),
  jose: jwtPeer("jose"),
  "hono/jwt": jwtPeer("hono/jwt"),
  "iron-session": async () => {
    const { sealData } = await import("iron-session");
    const password = "a password of the benchmark, 32 characters";
    const seal = await sealData({ user: "user-1" }, { password });
    return { headers: [{ cookie: `session=${seal}` }], peer: { kind: "iron-session", password } };
  },
  "@fastify/jwt": jwtPeer("@fastify/jwt"),
  "@fastify/jwt, cache": jwtPeer("@fastify/jwt", { cache: 1000 }),
  "@fastify/session, Redis": async () => sessionPeer("@fastify/session"),
  "koa-jwt": jwtPeer("koa-jwt"),
  "koa-jwt, Redis look-up": jwtPeer("koa-jwt", { looksUp: true }),
  "express-session, Redis": async () => sessionPeer("express-session"),
};

/** Their people sign in over HTTP, once the server runs: see bench/http.js. @param {string} kind @returns {Guard} */
function sessionPeer(kind) {
  return { headers: [], peer: { kind, redisUrl } };
}
