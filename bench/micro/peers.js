// @ts-check
// What other libraries do for the same answer, each in its fastest documented form.
import { createSecretKey, randomBytes } from "node:crypto";
import { RedisStore } from "connect-redis";
import { createSigner, createVerifier } from "fast-jwt";
import { verify as honoVerify } from "hono/jwt";
import { sealData, unsealData } from "iron-session";
import { jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { createClient } from "redis";
import { makeBetterAuth } from "../lib/better-auth.js";
import { inTurn } from "../lib/strings.js";
import { claimsOf } from "./floors.js";

const secret = randomBytes(32);
/** @typedef {{ name: string, run: () => unknown }} Case */

/**
 * Verifying a JWT with the claims of ours, HS256; issuer, audience and dates are checked.
 *
 * @param {readonly string[]} tokens
 */
export async function jwtPeers(tokens) {
  const claims = tokens.map(claimsOf);
  const { iss, aud } = claims[0];
  const sign = createSigner({ key: secret, algorithm: "HS256" });
  const signed = claims.map((it) => sign(it));
  const next = () => inTurn(signed);
  const options = {
    key: secret,
    algorithms: /** @type {["HS256"]} */ (["HS256"]),
    allowedIss: iss,
    allowedAud: aud,
  };
  const [plain, cached] = [createVerifier(options), createVerifier({ ...options, cache: 1000 })];
  const keyObject = createSecretKey(secret);
  const key = await crypto.subtle.importKey("raw", secret, { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
  const expected = { issuer: iss, audience: aud };
  const [n1, n2, n3, n4, n5] = [next(), next(), next(), next(), next()];
  /** @type {Case[]} */
  const cases = [
    { name: "fast-jwt, its cache on", run: () => cached(n1()) },
    { name: "fast-jwt, its cache off", run: () => plain(n2()) },
    {
      name: "jsonwebtoken, KeyObject",
      run: () => jsonwebtoken.verify(n3(), keyObject, { algorithms: ["HS256"], ...expected }),
    },
    { name: "jose, CryptoKey", run: () => jwtVerify(n4(), key, { algorithms: ["HS256"], ...expected }) },
    {
      name: "hono/jwt, CryptoKey",
      run: () => honoVerify(n5(), /** @type {any} */ (key), { alg: "HS256", iss, aud }),
    },
  ];
  return cases;
}

/** Finding the session behind a cookie. @param {string} redisUrl */
export async function sessionPeers(redisUrl) {
  const closing = [];
  /** @type {Case[]} */
  const cases = [];
  for (const kind of /** @type {const} */ (["sqlite", "cookie-cache", "redis"])) {
    const made = await makeBetterAuth(kind, { redisUrl });
    const next = inTurn(await made.signUp(64));
    closing.push(made.close);
    const name = { sqlite: "SQLite in memory", "cookie-cache": "cookie cache", redis: "Redis" }[kind];
    cases.push({
      name: `better-auth getSession, ${name}`,
      async run() {
        if ((await made.auth.api.getSession({ headers: new Headers({ cookie: next() }) })) === null)
          throw new Error("refused");
      },
    });
  }
  const client = createClient({ url: redisUrl });
  await client.connect();
  const store = new RedisStore({ client, disableTouch: true });
  const ids = Array.from({ length: 64 }, () => randomBytes(24).toString("base64url"));
  const record = {
    cookie: { originalMaxAge: 86_400_000, httpOnly: true, path: "/" },
    user: { id: "a", roles: [] },
  };
  for (const id of ids) await store.set(id, /** @type {any} */ (record));
  const nextId = inTurn(ids);
  cases.push({ name: "express-session, connect-redis: get", run: () => store.get(nextId()) });
  closing.push(() => client.destroy());
  const password = "a password of the benchmark, 32 characters";
  const sealed = inTurn([await sealData({ user: { id: "a", roles: [] } }, { password })]);
  cases.push({ name: "iron-session: unseal", run: () => unsealData(sealed(), { password }) });
  return {
    cases,
    close() {
      for (const close of closing) close();
    },
  };
}
