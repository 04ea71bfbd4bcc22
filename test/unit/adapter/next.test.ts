import { LatchkeyError, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { nextAuth, oneAuth } from "latchkey/next";
import { expect, test } from "vitest";
import { readSetCookie } from "../../../packages/latchkey/src/adapter/next/cookie.ts";
import { writeCookie } from "../../../packages/latchkey/src/write/cookie.ts";

const makeAuth = () =>
  latchkey({ secret: "a secret for tests, of more than 32 characters", store: memoryStore() });

test("a cookie of ours reaches Next with everything it says", () => {
  const shared = { path: "/", httpOnly: true, sameSite: "lax" };
  expect(readSetCookie(writeCookie("__Host-latchkey-web", "a.b_c-d", true, 60))).toEqual({
    ...{ ...shared, name: "__Host-latchkey-web", value: "a.b_c-d", secure: true, maxAge: 60 },
  });
  expect(readSetCookie(writeCookie("latchkey-web", "", false, 0))).toEqual({
    ...{ ...shared, name: "latchkey-web", value: "", secure: false, maxAge: 0 },
  });
  expect(readSetCookie(writeCookie("latchkey-web", "x=", false, null))).toEqual({
    ...{ ...shared, name: "latchkey-web", value: "x=", secure: false },
  });
});

test("a process has one Auth of a name, however often its module is loaded", () => {
  const auth = oneAuth(makeAuth, "a test");
  expect(oneAuth(makeAuth, "a test")).toBe(auth);
  expect(oneAuth(makeAuth, "another")).not.toBe(auth);
});

test("what is mistyped is an error before the first request", async () => {
  const auth = makeAuth();
  expect(() => nextAuth(auth, { signIn: "https://evil.example" })).toThrow(/signIn/);
  const { withAuth, authProxy, requireAuth } = nextAuth(auth);
  const mistyped = { rôle: "admin" } as object;
  expect(() => withAuth(mistyped, () => new Response())).toThrow(/there is no "rôle"/);
  expect(() => authProxy(mistyped)).toThrow(/there is no "rôle"/);
  await expect(requireAuth(mistyped)).rejects.toThrow(/there is no "rôle"/);
});

test("with `trailingSlash` the routes are where Next leads to", async () => {
  const auth = makeAuth();
  const { POST, GET } = nextAuth(auth).handlers;
  const asNext = (...input: ConstructorParameters<typeof Request>) =>
    new Request(...input) as Parameters<typeof GET>[0];
  const body = JSON.stringify({ email: "ada@example.com", password: "correct horse battery" });
  const headers = { "content-type": "application/json", "sec-fetch-site": "same-origin" };
  const url = "http://localhost/api/auth/sign-up/email/?from=here";
  const signedUp = await POST(asNext(url, { method: "POST", headers, body }));
  expect(signedUp.status).toBe(201);
  expect(signedUp.headers.getSetCookie().join()).toContain("latchkey-web=");
  expect((await GET(asNext("http://localhost/api/auth/ok/"))).status).toBe(200);
  expect((await GET(asNext("http://localhost/api/auth/nothing/"))).status).toBe(404);
  await auth.close();
});

test("an application's module loads outside of Next, too", async () => {
  const { auth, requireAuth } = nextAuth(makeAuth());
  // Next's own words: there is no request here.
  await expect(auth()).rejects.toThrow(/outside a request scope/);
  await expect(requireAuth()).rejects.toThrow(/outside a request scope/);
});

test("a fault is one, whichever copy of the library has thrown it", async () => {
  const path = "../../../packages/latchkey/src/errors.ts?copy";
  const copy = (await import(path)) as { LatchkeyError: typeof LatchkeyError };
  const fault = new copy.LatchkeyError("cannot_tell", "the store is away");
  expect(copy.LatchkeyError).not.toBe(LatchkeyError);
  expect(fault instanceof LatchkeyError).toBe(true);
  for (const other of [new Error("cannot_tell"), { code: "cannot_tell" }, null, "cannot_tell"])
    expect((other as object) instanceof LatchkeyError, String(other)).toBe(false);
});
