// @ts-check
// Walks through `examples/worker`: who is let in, a role and a ban that reach it, and what it cannot tell.
import { setTimeout as sleep } from "node:timers/promises";
import { runWorker } from "./workerd.js";

const password = "correct horse battery staple";
/** Milliseconds: the bound, and a busy machine. */
const patience = 6000;

/**
 * @param {import("./suite.js").Environment} origin
 * @param {import("latchkey").Auth} auth of the server that it follows
 * @returns {Promise<import("./suite.js").Outcome[]>}
 */
export function walkThroughWorker({ issuer, clientSecret }, auth) {
  const bindings = { ISSUER: issuer, CLIENT_ID: "orders", CLIENT_SECRET: clientSecret };
  return runWorker("../examples/worker/worker.js", bindings, async (url) => {
    const person = { email: `${crypto.randomUUID()}@example.com`, password, client: "mobile" };
    const signedUp = await auth.api.signUpEmail(person);
    if (!signedUp.ok || !("accessToken" in signedUp.credentials)) throw new Error("not signed up");
    const { accessToken } = signedUp.credentials;
    const headers = { authorization: `Bearer ${accessToken}` };
    const ask = async (/** @type {string} */ path, /** @type {RequestInit} */ init = { headers }) =>
      (await fetch(url + path, init)).status;
    const userId = signedUp.user.id;
    /** @type {[string, () => Promise<number>, number][]} */
    const steps = [
      ["everybody", () => ask("/public", {}), 200],
      ["nobody", () => ask("/me", {}), 401],
      ["a forged token", () => ask("/me", { headers: { authorization: `Bearer ${accessToken}x` } }), 401],
      ["who is signed in", () => ask("/me"), 200],
      ["without the role", () => ask("/notes", { method: "POST", headers }), 403],
      ["the role, given", () => auth.api.setRole({ userId, roles: ["editor"] }).then(() => 200), 200],
      ["the role, seen", () => ask("/notes", { method: "POST", headers }), 201],
      ["a ban, given", () => auth.api.banUser({ userId }).then(() => 200), 200],
      ["a ban, seen", () => ask("/me"), 401],
    ];
    const outcomes = [];
    for (const [name, step, expected] of steps) {
      const start = Date.now();
      let seen = await step();
      while (seen !== expected && Date.now() - start < patience) {
        await sleep(50);
        seen = await step();
      }
      const error = seen === expected ? {} : { error: `expected ${expected}, got ${seen}` };
      outcomes.push({ name, ms: Date.now() - start, ...error });
    }
    return outcomes;
  });
}
