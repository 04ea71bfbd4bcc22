// @ts-check
// One process that checks credentials, for bench:scale: is told whom to look at, and says when it knows that they are out.

import { makeAuth } from "../lib/people.js";
import { openStore } from "./stores.js";

const [kind = "", url = ""] = process.argv.slice(2);
const auth = makeAuth(openStore(kind, url), { revocation: { maxStaleness: 2 } });
await auth.start();

/** @param {string} token */
function check(token) {
  return auth.authenticate({
    method: "GET",
    headers: { get: (name) => (name === "authorization" ? `Bearer ${token}` : null) },
  });
}

/** A moment that other processes of this machine can compare with theirs. */
const now = () => performance.timeOrigin + performance.now();

process.on("message", async (/** @type {{ id: number, token: string }} */ { id, token }) => {
  const result = await check(token);
  if (!result.ok) throw new Error(`refused before it was revoked: ${result.code}`);
  auth.watch(result, {
    async onEnd() {
      const at = now();
      const after = await check(token);
      process.send?.({ id, at: after.ok ? Number.POSITIVE_INFINITY : at });
    },
  });
  process.send?.({ id, ready: true });
});
process.send?.({ started: true });
process.on("disconnect", () => process.exit());
