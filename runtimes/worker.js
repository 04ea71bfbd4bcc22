// @ts-check
// Runs the suite in workerd, in a request, as everything there runs.
import { runSuite } from "./suite.js";

const iterations = 1000;

/**
 * PBKDF2 by Web Crypto: Argon2 has no build for workerd. For real passwords it would need 600,000 rounds.
 *
 * @param {string} password
 * @param {string} salt
 */
async function derive(password, salt) {
  const encoder = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoder.encode(password), "PBKDF2", false, ["deriveBits"]);
  const parameters = { name: "PBKDF2", hash: "SHA-256", salt: encoder.encode(salt), iterations };
  const bits = new Uint8Array(await crypto.subtle.deriveBits(parameters, key, 256));
  return btoa(String.fromCharCode(...bits)).replaceAll("=", "");
}

/** @type {import("latchkey").PasswordHasher} */
const hasher = {
  async hash(password) {
    const salt = crypto.randomUUID().replaceAll("-", "");
    return `$pbkdf2-sha256$i=${iterations}$${salt}$${await derive(password, salt)}`;
  },
  async verify(hash, password) {
    const [, , , salt = "", expected] = hash.split("$");
    return (await derive(password, salt)) === expected;
  },
};

export default {
  /**
   * @param {Request} request
   * @param {unknown} _
   * @param {{ waitUntil(work: Promise<unknown>): void }} context
   */
  async fetch(request, _, context) {
    if (request.method === "HEAD") return new Response();
    const origin = await request.json();
    const waitUntil = (/** @type {Promise<unknown>} */ work) => context.waitUntil(work);
    return Response.json(await runSuite({ ...origin, hasher, waitUntil }));
  },
};
