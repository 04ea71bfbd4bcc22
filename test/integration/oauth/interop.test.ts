import { createPublicKey } from "node:crypto";
import express from "express";
import { expressjwt } from "express-jwt";
import { createVerifier } from "fast-jwt";
import { createRemoteJWKSet, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import Koa from "koa";
import koaJwt from "koa-jwt";
import { type KeyAlgorithm, type LatchkeyOptions, latchkey, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import passport from "passport";
import { ExtractJwt, Strategy } from "passport-jwt";
import { describe, expect, test } from "vitest";
import { openKey } from "../../../packages/latchkey/src/token/keyring/sealed-key.ts";
import { listen, serveGets } from "../../support/loopback.ts";

/** Our access tokens, checked by other people's libraries in small applications of their own. */

const secret = "a secret for tests, of more than 32 characters";
const third = "https://third.example";

interface Issued {
  readonly userId: string;
  readonly access: string;
  /** For somebody else. */
  readonly exchanged: string;
  /** Of a service, for us. */
  readonly issuer: string;
  readonly audience: string;
  readonly jwksUrl: string;
  readonly store: Store;
}

async function issue(algorithm: KeyAlgorithm, more: Partial<LatchkeyOptions> = {}): Promise<Issued> {
  const store = memoryStore();
  // The address must be known before the server can be made that listens there.
  let answer: ReturnType<typeof serveGets> = () => {};
  const base = await listen((request, response) => answer(request, response));
  const auth = latchkey({
    secret,
    baseURL: base,
    store,
    keys: { algorithm },
    clients: { mobile: { transport: "bearer", strategy: "jwt-denylist" } },
    audiences: { [third]: {} },
    passwords: { hasher: { hash: async (text) => text, verify: async (hash, text) => hash === text } },
    ...more,
  });
  answer = serveGets(auth);
  const signedUp = await auth.api.signUpEmail({ email: "ada@example.com", password: "correct horse staple" });
  if (!signedUp.ok || !("accessToken" in signedUp.credentials)) throw new Error("no access token");
  const access = signedUp.credentials.accessToken;
  const headers = { authorization: `Bearer ${access}` };
  const current = await auth.authenticate(new Request(base, { headers }));
  if (!current.ok) throw new Error(current.code);
  const exchanged = await auth.api.exchangeToken({ current, audience: third });
  if (!exchanged.ok) throw new Error(exchanged.code);
  return {
    userId: signedUp.user.id,
    access,
    exchanged: exchanged.accessToken,
    issuer: `${base}/api/auth`,
    audience: base,
    jwksUrl: `${base}/api/auth/.well-known/jwks.json`,
    store,
  };
}

/** The only public key of the set, as others want it. */
async function publicPem(jwksUrl: string): Promise<string> {
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: JsonWebKey[] };
  expect(keys).toHaveLength(1);
  const [key = {}] = keys;
  expect(key, "the public half only").not.toHaveProperty("d");
  return createPublicKey({ key: { ...key }, format: "jwk" })
    .export({ type: "spki", format: "pem" })
    .toString();
}

/** What a verifier of the algorithm is given: the public key, or for HS256 the key itself, which only we can read out. */
async function keyFor(algorithm: KeyAlgorithm, { jwksUrl, store }: Issued): Promise<string | Buffer> {
  if (algorithm !== "HS256") return publicPem(jwksUrl);
  const { keys } = (await (await fetch(jwksUrl)).json()) as { keys: JsonWebKey[] };
  expect(keys, "a symmetric key is published nowhere").toEqual([]);
  const record = (await store.listKeys()).keys.find(({ purpose }) => purpose === "access");
  if (record === undefined) throw new Error("no key");
  return Buffer.from((await openKey(store, [secret], record)).k ?? "", "base64url");
}

function tampered(token: string): string {
  const [header, payload = "", signature] = token.split(".");
  const claims = { ...JSON.parse(Buffer.from(payload, "base64url").toString()), sub: "somebody else" };
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.${signature}`;
}

/** Asks an application once with each token; its answer is the `sub` it found. */
async function askWithAll(url: string, { access, exchanged }: Issued): Promise<(string | number)[]> {
  const ask = async (token: string) => {
    const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
    return response.ok ? response.text() : response.status;
  };
  return [await ask(access), await ask(tampered(access)), await ask(exchanged), (await fetch(url)).status];
}

describe("EdDSA, through the JWK set", () => {
  test("jose", async () => {
    const { access, exchanged, issuer, audience, jwksUrl, userId } = await issue("EdDSA");
    const keys = createRemoteJWKSet(new URL(jwksUrl));
    const ours = { issuer, audience, typ: "at+jwt", algorithms: ["EdDSA"] };
    expect((await jwtVerify(access, keys, ours)).payload.sub).toBe(userId);
    expect((await jwtVerify(exchanged, keys, { ...ours, audience: third })).payload.sub).toBe(userId);
    await expect(jwtVerify(exchanged, keys, ours)).rejects.toThrow(/aud/);
    await expect(jwtVerify(access, keys, { ...ours, audience: third })).rejects.toThrow(/aud/);
    await expect(jwtVerify(tampered(access), keys, ours)).rejects.toThrow(/signature/);
  });

  test("fast-jwt", async () => {
    const { access, exchanged, issuer, audience, jwksUrl, userId } = await issue("EdDSA");
    const key = await publicPem(jwksUrl);
    const verify = createVerifier({ key, algorithms: ["EdDSA"], allowedIss: issuer, allowedAud: audience });
    expect(verify(access)).toMatchObject({ sub: userId });
    expect(() => verify(exchanged)).toThrow(/aud/);
    expect(() => verify(tampered(access))).toThrow(/signature/);
  });
});

describe.each(["RS256", "ES256", "HS256"] as const)("%s", (algorithm) => {
  test("jsonwebtoken", async () => {
    const issued = await issue(algorithm);
    const key = await keyFor(algorithm, issued);
    const { issuer, audience, userId } = issued;
    const verify = (token: string) =>
      jsonwebtoken.verify(token, key, { algorithms: [algorithm], issuer, audience });
    expect(verify(issued.access)).toMatchObject({ sub: userId });
    expect(() => verify(issued.exchanged)).toThrow(/audience/);
    expect(() => verify(tampered(issued.access))).toThrow(/signature/);
  });

  test("koa-jwt", async () => {
    const issued = await issue(algorithm);
    const secretOrKey = await keyFor(algorithm, issued);
    const { issuer, audience, userId } = issued;
    const app = new Koa();
    app.silent = true;
    app.use(koaJwt({ secret: secretOrKey, algorithms: [algorithm], issuer, audience }));
    app.use((ctx) => {
      ctx.body = String(ctx.state.user.sub);
    });
    expect(await askWithAll(await listen(app.callback()), issued)).toEqual([userId, 401, 401, 401]);
  });

  test("express-jwt", async () => {
    const issued = await issue(algorithm);
    const secretOrKey = await keyFor(algorithm, issued);
    const { issuer, audience, userId } = issued;
    const app = express();
    app.use(expressjwt({ secret: secretOrKey, algorithms: [algorithm], issuer, audience }));
    app.get("/", (request, response) => {
      // `latchkey/express` says what `auth` is where it is used; here it is express-jwt's.
      response.send((request as object as { auth?: { sub?: string } }).auth?.sub);
    });
    app.use(((error: { status?: number }, _request, response, _next) => {
      response.status(error.status ?? 500).end();
    }) satisfies express.ErrorRequestHandler);
    expect(await askWithAll(await listen(app), issued)).toEqual([userId, 401, 401, 401]);
  });

  test("passport-jwt", async () => {
    const issued = await issue(algorithm);
    const secretOrKey = await keyFor(algorithm, issued);
    const { issuer, audience, userId } = issued;
    const jwtFromRequest = ExtractJwt.fromAuthHeaderAsBearerToken();
    const guard = new passport.Passport();
    guard.use(
      new Strategy(
        { jwtFromRequest, secretOrKey, algorithms: [algorithm], issuer, audience },
        (claims: { sub: string }, done: (error: null, user: object) => void) =>
          done(null, { id: claims.sub }),
      ),
    );
    const app = express();
    app.get("/", guard.authenticate("jwt", { session: false }), (request, response) => {
      const user: { id?: string } = request.user ?? {};
      response.send(user.id);
    });
    expect(await askWithAll(await listen(app), issued)).toEqual([userId, 401, 401, 401]);
  });
});
