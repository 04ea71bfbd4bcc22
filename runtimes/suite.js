// @ts-check
// What must work wherever JavaScript runs. Nothing but the Web's own interfaces is used here.
import { hashServiceSecret, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { redisRestStore } from "latchkey/redis-rest";
import { createVerifier } from "latchkey/verifier";
import { expected, throughHono } from "./hono.js";

const password = "correct horse battery staple";
/** @type {import("latchkey").StrategyName[]} */
const strategies = ["session", "session-live", "jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"];
/** @type {import("latchkey").KeyAlgorithm[]} */
const algorithms = ["HS256", "EdDSA", "ES256", "RS256"];

/**
 * @typedef {object} Environment
 * @property {string} issuer of a server in another process, for the verifier
 * @property {string} clientSecret of its service `orders`
 * @property {{ url: string, token: string }} rest a Redis over HTTP
 * @property {import("latchkey").PasswordHasher} [hasher] where Argon2 has no build
 * @property {(work: Promise<unknown>) => void} [waitUntil] where nothing runs between two requests
 */

/**
 * @typedef {object} Outcome
 * @property {string} name
 * @property {number} ms
 * @property {string} [error]
 */

/**
 * @param {Environment} environment
 * @returns {Promise<Outcome[]>}
 */
export async function runSuite(environment) {
  /** @type {[string, () => Promise<void>][]} */
  const cases = [
    ...strategies.flatMap((strategy) =>
      /** @type {const} */ (["cookie", "bearer"]).map(
        /** @returns {[string, () => Promise<void>]} */
        (transport) => [`${strategy} by ${transport}`, () => lifeOfSession(environment, strategy, transport)],
      ),
    ),
    ...algorithms.map(
      /** @returns {[string, () => Promise<void>]} */
      (algorithm) => [`access tokens by ${algorithm}`, () => accessToken(environment, algorithm)],
    ),
    ["the handler, from sign-up to sign-out", () => overHttp(environment)],
    ["the same in an application with Hono", () => withHono(environment)],
    ["a store over HTTP, for several at once", () => storeOverHttp(environment)],
    ["a remote verifier of another process", () => verifierElsewhere(environment)],
  ];
  /** @type {Outcome[]} */
  const outcomes = [];
  for (const [name, run] of cases) {
    const start = Date.now();
    const error = await run().then(() => undefined, explain);
    outcomes.push({ name, ms: Date.now() - start, ...(error === undefined ? {} : { error }) });
  }
  return outcomes;
}

/**
 * @param {Environment} environment
 * @param {import("latchkey").LatchkeyOptions["clients"]} clients
 * @param {Partial<import("latchkey").LatchkeyOptions>} [options]
 */
function makeAuth({ hasher }, clients, options = {}) {
  return latchkey({
    secret: "a secret of the suite, of more than 32 characters",
    baseURL: "https://app.example",
    store: memoryStore(),
    rateLimit: false,
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
    ...(clients === undefined ? {} : { clients }),
    ...(hasher === undefined ? {} : { passwords: { hasher } }),
    ...options,
  });
}

/**
 * Sign-up, sign-in, check, a new role, refresh, revocation.
 *
 * @param {Environment} environment
 * @param {import("latchkey").StrategyName} strategy
 * @param {"cookie" | "bearer"} transport
 */
async function lifeOfSession(environment, strategy, transport) {
  const auth = makeAuth(environment, { app: { transport, strategy } });
  const { waitUntil } = environment;
  try {
    const person = { email: "ann@example.com", password, client: "app" };
    answered(await auth.api.signUpEmail(person));
    equal(code(await auth.api.signInEmail({ ...person, password: "another one" })), "invalid_credentials");
    const signedIn = answered(await auth.api.signInEmail(person));
    const check = async () => auth.authenticate(carry(signedIn.credentials), waitUntil && { waitUntil });
    for (let i = 0; i < 3; i++) equal((await check()).ok, true, "a check");
    const forged = carry(signedIn.credentials, (text) => `${text.slice(0, -6)}AAAAAA`);
    equal((await auth.authenticate(forged)).ok, false, "a forged credential");
    answered(await auth.api.setRole({ userId: signedIn.user.id, roles: ["admin"] }));
    const result = await check();
    equal(result.ok && result.can("anything"), strategy !== "jwt", "whether a new role is seen");
    if (strategy.startsWith("jwt") && "refreshToken" in signedIn.credentials) {
      const { refreshToken = "" } = signedIn.credentials;
      const again = answered(await auth.api.refresh({ refreshToken }));
      const renewed = await auth.authenticate(carry(again.credentials));
      equal(renewed.ok && renewed.can("anything"), true, "a refreshed token");
    }
    answered(await auth.api.revokeSessions({ userId: signedIn.user.id }, { confirm: true }));
    equal((await check()).ok, strategy === "jwt", "a check after revocation");
  } finally {
    await auth.close();
  }
}

/**
 * @param {Environment} environment
 * @param {import("latchkey").KeyAlgorithm} algorithm
 */
async function accessToken(environment, algorithm) {
  const options = /** @type {const} */ ({ keys: { algorithm } });
  const auth = makeAuth(environment, { app: { transport: "bearer", strategy: "jwt-live" } }, options);
  try {
    const person = { email: "ann@example.com", password, client: "app" };
    const { credentials } = answered(await auth.api.signUpEmail(person));
    equal((await auth.authenticate(carry(credentials))).ok, true, "a check");
    const token = tokenOf(credentials);
    const [head = "", body = "", mark = ""] = token.split(".");
    for (const one of [`${head}.${body}.${mark.slice(0, -4)}AAAA`, `${head}.${body}.`, `${head}.${body}`]) {
      equal((await auth.authenticate(bearer(one))).ok, false, "a token with another mark");
    }
    for (const one of [
      `${token}=`,
      `${head}.${body}=.${mark}`,
      `${head}.${body}+.${mark}`,
      `${head}=.${body}.${mark}`,
    ]) {
      equal((await auth.authenticate(bearer(one))).ok, false, "a token in another spelling");
    }
    answered(await auth.api.rotateKeys({ compromised: true }));
    equal((await auth.authenticate(carry(credentials))).ok, false, "a token of a key that is dead");
  } finally {
    await auth.close();
  }
}

/** @param {Environment} environment */
async function overHttp(environment) {
  const auth = makeAuth(environment, undefined);
  try {
    const url = "https://app.example/api/auth";
    const headers = { "content-type": "application/json", origin: "https://app.example" };
    const body = JSON.stringify({ email: "ann@example.com", password });
    const signUp = await auth.handler(new Request(`${url}/sign-up/email`, { method: "POST", headers, body }));
    equal(signUp.status, 201, "the status of a sign-up");
    const cookie = signUp.headers
      .getSetCookie()
      .map((line) => line.split(";", 1)[0])
      .join("; ");
    const ask = () => auth.handler(new Request(`${url}/get-session`, { headers: { cookie } }));
    equal((await (await ask()).json()).user.email, "ann@example.com", "whose session it is");
    const cross = { ...headers, cookie, origin: "https://evil.example" };
    const foreign = new Request(`${url}/sign-out`, { method: "POST", headers: cross, body: "{}" });
    equal((await auth.handler(foreign)).status, 403, "a request of another site");
    const own = new Request(`${url}/sign-out`, {
      method: "POST",
      headers: { ...headers, cookie },
      body: "{}",
    });
    equal((await auth.handler(own)).status, 200, "sign-out");
    equal(await (await ask()).json(), null, "what is left of the session");
  } finally {
    await auth.close();
  }
}

/** @param {Environment} environment */
async function withHono(environment) {
  const auth = makeAuth(environment, { web: { transport: "cookie", strategy: "jwt-live" } });
  try {
    const seen = await throughHono(auth, environment.waitUntil);
    equal(JSON.stringify(seen), JSON.stringify(expected), "what an application with Hono answers");
  } finally {
    await auth.close();
  }
}

/** @param {Environment} environment */
async function storeOverHttp(environment) {
  const { rest, waitUntil } = environment;
  const prefix = crypto.randomUUID();
  const clients = /** @type {const} */ ({
    opaque: { transport: "bearer", strategy: "session-live" },
    jwt: { transport: "bearer", strategy: "jwt-live" },
  });
  const make = () => makeAuth(environment, clients, { store: redisRestStore(rest, { prefix }) });
  const [one, other] = [make(), make()];
  try {
    for (const client of ["opaque", "jwt"]) {
      const person = { email: `${client}@example.com`, password, client };
      const { credentials, session } = answered(await one.api.signUpEmail(person));
      const check = async () => other.authenticate(carry(credentials), waitUntil && { waitUntil });
      equal((await check()).ok, true, `the first check: ${client}`);
      answered(await one.api.revokeSession({ sessionId: session.id }));
      const deadline = Date.now() + 4000;
      while ((await check()).ok) {
        if (Date.now() > deadline) throw new Error(`${client}: accepted long after it was revoked`);
        await new Promise((done) => setTimeout(done, 20));
      }
    }
  } finally {
    await Promise.all([one.close(), other.close()]);
  }
}

/** @param {Environment} environment */
async function verifierElsewhere({ issuer, clientSecret, waitUntil }) {
  equal((await hashServiceSecret(clientSecret)).length, 43, "the hash of a secret");
  const verifier = createVerifier({ issuer, credentials: { clientId: "orders", clientSecret } });
  try {
    const headers = { "content-type": "application/json" };
    const email = `${crypto.randomUUID()}@example.com`;
    const signUp = await fetch(`${issuer}/sign-up/email`, {
      ...{ method: "POST", headers },
      body: JSON.stringify({ email, password, client: "mobile" }),
    });
    equal(signUp.status, 201, "the status of a sign-up");
    const { accessToken } = await signUp.json();
    // "Cannot tell" is an answer of a busy machine: asked again.
    const check = async () => {
      for (let attempt = 0; ; attempt++) {
        try {
          return await verifier.authenticate(bearer(accessToken), waitUntil && { waitUntil });
        } catch (error) {
          if (attempt === 50) throw error;
          await new Promise((done) => setTimeout(done, 50));
        }
      }
    };
    const result = await check();
    equal(result.ok, true, `the first check: ${JSON.stringify(result)}`);
    const authorization = `Bearer ${accessToken}`;
    const signOut = await fetch(`${issuer}/sign-out`, {
      ...{ method: "POST", headers: { ...headers, authorization }, body: "{}" },
    });
    equal(signOut.status, 200, "sign-out there");
    const deadline = Date.now() + 3000;
    while ((await check()).ok) {
      if (Date.now() > deadline) throw new Error("accepted for more than three seconds after it was revoked");
      await new Promise((done) => setTimeout(done, 20));
    }
  } finally {
    await verifier.close();
  }
}

/**
 * @param {unknown} thrown
 * @returns {string}
 */
function explain(thrown) {
  if (!(thrown instanceof Error)) return `${thrown}`;
  const { cause } = thrown;
  return `${thrown.stack ?? thrown}${cause === undefined ? "" : `\nbecause of ${explain(cause)}`}`;
}

/**
 * @template {{ ok: boolean, code?: string }} Answer
 * @param {Answer} answer
 * @returns {Extract<Answer, { ok: true }>}
 */
function answered(answer) {
  if (!answer.ok) throw new Error(`refused: ${answer.code}`);
  return /** @type {Extract<Answer, { ok: true }>} */ (answer);
}

/** @param {{ ok: boolean, code?: string }} answer */
function code(answer) {
  return answer.ok ? "ok" : answer.code;
}

/** @param {import("latchkey").SignedIn["credentials"]} credentials */
function tokenOf(credentials) {
  if ("sessionToken" in credentials) return credentials.sessionToken;
  if ("accessToken" in credentials) return credentials.accessToken;
  throw new Error("a cookie");
}

/**
 * The request that carries the credential.
 *
 * @param {import("latchkey").SignedIn["credentials"]} credentials
 * @param {(text: string) => string} [change]
 */
function carry(credentials, change = (text) => text) {
  if (credentials.transport === "bearer") return bearer(change(tokenOf(credentials)));
  const [cookie = ""] = credentials.setCookies[0]?.split(";", 1) ?? [];
  return new Request("https://app.example/", { headers: { cookie: change(cookie) } });
}

/** @param {string} token */
function bearer(token) {
  return new Request("https://app.example/", { headers: { authorization: `Bearer ${token}` } });
}

/**
 * @param {unknown} actual
 * @param {unknown} expected
 * @param {string} [what]
 */
function equal(actual, expected, what = "the answer") {
  if (actual !== expected) throw new Error(`${what}: expected ${expected}, got ${actual}`);
}
