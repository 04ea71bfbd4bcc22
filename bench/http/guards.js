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
 * @property {boolean} [signsIn] they get them at `/sign-in`
 * @property {import("latchkey").Auth} [auth]
 * @property {() => string} [next] somebody's id, where nobody asks whose: all answers are alike
 * @property {(authorization: string | undefined) => string | undefined} [find] by hand: the user's id
 * @property {boolean} [isAround] it is around the route's handler, and no middleware before it
 * @property {Record<string, any>} [peer] what the framework makes of another library
 */

const bearer = (/** @type {readonly string[]} */ tokens) =>
  tokens.map((token) => ({ authorization: `Bearer ${token}` }));

/** @param {string} client */
async function latchkeyWith(client) {
  const auth = makeAuth(withRevocations(memoryStore(), revocations));
  const tokens = await signUp(auth, client, people);
  await until(() => (auth.stats().replica.sessions ?? 0) >= revocations);
  return { headers: bearer(tokens), auth };
}

/** People as they have been prepared for the strategies, whom nobody checks any more. @param {string} client */
async function peopleOf(client) {
  const { headers, auth } = await latchkeyWith(client);
  const ids = [];
  for (const it of headers) {
    const result = await auth.authenticate(new Request("http://localhost/", { headers: it }));
    ids.push(result.ok ? result.user.id : "");
  }
  await auth.close();
  let at = 0;
  return { headers, ids, next: () => ids[at++ % ids.length] ?? "" };
}

/** The tokens themselves, found in a Map. @param {string} client @returns {Promise<Guard>} */
async function byHand(client) {
  const { headers, ids } = await peopleOf(client);
  const users = new Map(headers.map((it, i) => [it.authorization.slice(7), ids[i]]));
  return {
    headers,
    find: (authorization) =>
      authorization?.startsWith("Bearer ") ? users.get(authorization.slice(7)) : undefined,
  };
}

/** @param {Promise<Guard>} made @returns {Promise<Guard>} */
async function around(made) {
  return { ...(await made), isAround: true };
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
  bare: async () => ({ headers: [], next: (await peopleOf("jwt-live")).next }),
  header: async () => {
    const { next } = await peopleOf("jwt-live");
    return { headers: [], find: (authorization) => (authorization === undefined ? undefined : next()) };
  },
  "map-jwt-live": () => byHand("jwt-live"),
  "map-session-live": () => byHand("live"),
  "jwt-live": () => latchkeyWith("jwt-live"),
  "session-live": () => latchkeyWith("live"),
  "map-jwt-live, in the handler": () => around(byHand("jwt-live")),
  "map-session-live, in the handler": () => around(byHand("live")),
  "jwt-live, withAuth": () => around(latchkeyWith("jwt-live")),
  "session-live, withAuth": () => around(latchkeyWith("live")),
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

/** Their people sign in over HTTP, once the server runs. @param {string} kind @returns {Guard} */
function sessionPeer(kind) {
  return { headers: [], signsIn: true, peer: { kind, redisUrl } };
}
