// @ts-check
import { nextAuth } from "latchkey/next";

export const dynamic = "force-dynamic";

/** What stands before the route. Where Next builds, there is none. @type {Partial<import("../../guards.js").Guard>} */
const { auth, find, next } = /** @type {any} */ (globalThis).latchkeyBench ?? {};

const answer = (/** @type {string | undefined} */ who) =>
  new Response(`hello ${who}`, { headers: { "content-type": "text/plain" } });

/** @param {import("next/server").NextRequest} request */
async function byHand(request) {
  const who = find === undefined ? next?.() : find(request.headers.get("authorization") ?? undefined);
  return who === undefined ? new Response("", { status: 401 }) : answer(who);
}

export const GET =
  auth === undefined ? byHand : nextAuth(auth).withAuth({}, (_request, { user }) => answer(user.id));
