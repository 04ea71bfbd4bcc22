// @ts-check
import { randomBytes } from "node:crypto";
import { latchkey } from "latchkey";

/** Of what is signed in with the password is no part: hashing has a budget of its own. */
const hasher = {
  hash: async (/** @type {string} */ password) => `$plain$${password}`,
  verify: async (/** @type {string} */ hash, /** @type {string} */ password) => hash === `$plain$${password}`,
};

const clients = /** @type {const} */ ({
  live: { transport: "bearer", strategy: "session-live" },
  "jwt-live": { transport: "bearer", strategy: "jwt-live" },
  web: { transport: "cookie", strategy: "session-live" },
  jwt: { transport: "bearer", strategy: "jwt" },
  session: { transport: "bearer", strategy: "session" },
});

/**
 * @param {import("latchkey").Store} store
 * @param {Partial<import("latchkey").LatchkeyOptions>} [options]
 */
export function makeAuth(store, options = {}) {
  return latchkey({
    secret: "a secret of the benchmark, 32 characters",
    store,
    clients,
    passwords: { hasher },
    rateLimit: false,
    // A round that keeps the process busy must not make it stale: that would be measured instead.
    revocation: { maxStaleness: 60 },
    ...options,
  });
}

/**
 * Signs up so many people with a client and gives what each of them then sends: a token, or a cookie.
 *
 * @param {import("latchkey").Auth} auth
 * @param {string} client
 * @param {number} count
 */
export async function signUp(auth, client, count) {
  const sent = [];
  for (let i = 0; i < count; i++) {
    const email = `${randomBytes(6).toString("hex")}@example.com`;
    const answer = await auth.api.signUpEmail({ email, password: "a password of the benchmark", client });
    if (!answer.ok) throw new Error(`no sign-up: ${answer.code}`);
    sent.push(credentialOf(answer.credentials));
  }
  return sent;
}

/** @param {import("latchkey").SignedIn["credentials"]} credentials */
function credentialOf(credentials) {
  if (credentials.transport === "cookie") return credentials.setCookies[0]?.split(";", 1)[0] ?? "";
  return "sessionToken" in credentials ? credentials.sessionToken : credentials.accessToken;
}

/**
 * A store whose log begins with the ends of so many sessions that nobody here has: what a replica looks like after a
 * day on which many people signed out.
 *
 * @param {import("latchkey").Store} store
 * @param {number} count
 * @returns {import("latchkey").Store}
 */
export function withRevocations(store, count) {
  let left = count;
  return {
    ...store,
    async readChanges(read) {
      const page = await store.readChanges({ ...read, waitMs: left > 0 ? 0 : read.waitMs });
      if (left <= 0 || page.reset) return page;
      const size = Math.min(left, 10_000);
      left -= size;
      const ended = Array.from({ length: size }, () => ({
        at: page.now,
        change: /** @type {const} */ ({
          kind: "session_ended",
          sessionId: /** @type {import("latchkey").SessionId} */ (randomBytes(16).toString("base64url")),
          userId: "somebody",
        }),
      }));
      return { ...page, changes: [...ended, ...page.changes], atHead: false };
    },
  };
}

/** Resolves when something is so. */
export async function until(/** @type {() => boolean} */ isSo) {
  for (let i = 0; !isSo(); i++) {
    if (i > 6000) throw new Error("it does not come to that within a minute");
    await new Promise((next) => setTimeout(next, 10));
  }
}
