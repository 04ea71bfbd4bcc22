// @ts-check
// The adapter for Hono, which runs wherever the library does.
import { Hono } from "hono";
import { setCookie } from "hono/cookie";
import { cors } from "hono/cors";
import { honoAuth } from "latchkey/hono";

const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
const url = "https://app.example";

/**
 * An application with other middlewares in front of it, from sign-up to sign-out.
 *
 * @param {import("latchkey").Auth} auth
 * @param {(work: Promise<unknown>) => void} [waitUntil]
 * @returns {Promise<readonly unknown[]>} what came back, to be compared with {@link expected}
 */
export async function throughHono(auth, waitUntil) {
  const { handler, requireAuth } = honoAuth(auth, { signIn: "/sign-in" });
  const app = new Hono();
  app.use(cors({ origin: "https://other.example" }), async (c, next) => {
    setCookie(c, "seen", "1");
    await next();
  });
  app.use(handler);
  app.get("/me", requireAuth(), (c) => c.json({ client: c.var.auth.client }));
  const context = waitUntil && { waitUntil, passThroughOnException: () => undefined, props: {} };
  const ask = async (/** @type {string} */ path, /** @type {RequestInit} */ init = {}) =>
    app.fetch(new Request(url + path, init), {}, context);

  const body = JSON.stringify({ email: "ann@example.com", password: "correct horse battery staple" });
  const signUp = await ask("/api/auth/sign-up/email", { method: "POST", headers, body });
  const cookies = signUp.headers.getSetCookie().map((line) => line.split(";", 1)[0] ?? "");
  const cookie = cookies.join("; ");
  const me = await ask("/me", { headers: { cookie } });
  const page = await ask("/me", { headers: { "sec-fetch-mode": "navigate" } });
  const foreign = {
    method: "POST",
    headers: { ...headers, "sec-fetch-site": "cross-site", cookie },
    body: "{}",
  };
  const own = { method: "POST", headers: { ...headers, cookie }, body: "{}" };
  return [
    [signUp.status, cookies[0], cookies.some((one) => one.startsWith("__Host-latchkey-web="))],
    [me.status, await me.text()],
    [page.status, page.headers.get("location")],
    (await ask("/api/auth/sign-out", foreign)).status,
    (await ask("/api/auth/sign-out", own)).status,
    (await ask("/me", { headers: { cookie } })).status,
  ];
}

export const expected = [
  [201, "seen=1", true],
  [200, '{"client":"web"}'],
  [303, "/sign-in?next=%2Fme"],
  403,
  200,
  401,
];
