import { LatchkeyError, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import type { Client } from "../../../packages/latchkey/src/types.ts";
import { clearCookies, writeCookie } from "../../../packages/latchkey/src/write/cookie.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { cookieRequest, makeRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, secret, signUp } from "../../support/stage.ts";

const web: Client = {
  name: "web",
  transport: "cookie",
  strategy: "session",
  accept: ["session"],
  refresh: false,
  cookieName: "__Host-latchkey-web",
  refreshCookieName: "__Host-latchkey-web-refresh",
};
const token = expect.stringMatching(/^lks_[\w-]{22}\.[\w-]{43}\.[\w-]{43}$/);

/** By which this device is known from then on; it stays when the credential goes. */
const device = [
  "__Host-latchkey-device",
  expect.stringMatching(/^lkd_[\w-]{22}\.[\w-]{43}$/),
  "Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000",
];

/** The name, the value and the attributes of each `Set-Cookie` of an answer. */
function parts(setCookies: readonly string[]): unknown[] {
  return setCookies.map((line) => {
    const [pair = "", ...attributes] = line.split("; ");
    const [name, value] = pair.split("=");
    return [name, value, attributes.join("; ")];
  });
}

describe("Set-Cookie", () => {
  test.each([
    [true, 60, "__Host-latchkey-web=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60"],
    [false, 60, "__Host-latchkey-web=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"],
    [true, null, "__Host-latchkey-web=v; Path=/; HttpOnly; SameSite=Lax; Secure"],
    [false, null, "__Host-latchkey-web=v; Path=/; HttpOnly; SameSite=Lax"],
    [true, 1.9, "__Host-latchkey-web=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=1"],
    [true, -5, "__Host-latchkey-web=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"],
    [true, 1e9, "__Host-latchkey-web=v; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=34560000"],
  ])("secure %s, for %s seconds", (secure, maxAge, expected) => {
    expect(writeCookie(web.cookieName, "v", secure, maxAge)).toBe(expected);
  });

  test("that clears: no value, no age", () => {
    const cleared = (name: string): string => `${name}=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0`;
    expect(clearCookies(web, true)).toEqual([cleared("__Host-latchkey-web")]);
    expect(clearCookies({ ...web, accept: ["session", "jwt"] }, true)).toEqual([
      cleared("__Host-latchkey-web"),
      cleared("__Host-latchkey-web-refresh"),
    ]);
  });

  test("of name and value together holds 4096 bytes; one more is refused with a remedy", () => {
    const room = 4096 - web.cookieName.length;
    expect(writeCookie(web.cookieName, "v".repeat(room), true, 60)).toContain("v".repeat(room));
    const write = (): string => writeCookie(web.cookieName, "v".repeat(room + 1), true, 60);
    expect(write).toThrow(LatchkeyError);
    expect(write).toThrow(
      /cookie __Host-latchkey-web would have 4097 bytes, browsers keep 4096: .*session's data/,
    );
    expect(write).not.toThrow(/vvv/);
  });
});

describe("the cookie of a sign-in", () => {
  test("over https is bound to its host and Secure", async () => {
    const { auth } = makeStage();
    const { credentials } = await signUp(auth, "ada@example.com");
    if (credentials.transport !== "cookie") return expect.fail("no cookie");
    expect(parts(credentials.setCookies)).toEqual([
      ["__Host-latchkey-web", token, "Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000"],
      device,
    ]);
  });

  test("over http is neither, by baseURL or for want of one", async () => {
    const { auth } = makeStage({ baseURL: "http://localhost:3000" });
    const passwords = { hasher: plainHasher() };
    for (const one of [auth, latchkey({ secret, store: memoryStore(), passwords })]) {
      const { credentials } = await signUp(one, "ada@example.com");
      if (credentials.transport !== "cookie") return expect.fail("no cookie");
      expect(parts(credentials.setCookies)).toEqual([
        [
          "latchkey-web",
          token,
          expect.stringMatching(/^Path=\/; HttpOnly; SameSite=Lax; Max-Age=2(592000|591999)$/),
        ],
        ["latchkey-device", device[1], "Path=/; HttpOnly; SameSite=Lax; Max-Age=34560000"],
      ]);
    }
  });

  test("of someone not to be remembered goes with the browser", async () => {
    const { auth } = makeStage();
    const input = { email: "ada@example.com", password, rememberMe: false };
    const signedIn = await auth.api.signUpEmail(input);
    if (!signedIn.ok || signedIn.credentials.transport !== "cookie") return expect.fail("no cookie");
    expect(parts(signedIn.credentials.setCookies)).toEqual([
      ["__Host-latchkey-web", token, "Path=/; HttpOnly; SameSite=Lax; Secure"],
      device,
    ]);
    expect(signedIn.session.expiresAt - signedIn.session.createdAt).toBe(86_400_000);
  });

  test("of a JWT lives as long as the JWT", async () => {
    const app = { transport: "cookie", strategy: "jwt", refresh: false } as const;
    const { auth } = makeStage({ clients: { app } });
    const { credentials } = await signUp(auth, "ada@example.com");
    if (credentials.transport !== "cookie") return expect.fail("no cookie");
    expect(parts(credentials.setCookies)).toEqual([
      [
        "__Host-latchkey-app",
        expect.stringMatching(/^eyJ/),
        "Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=900",
      ],
      device,
    ]);
  });

  test("of a JWT that is refreshed lives as long as what refreshes it", async () => {
    const { auth } = makeStage({ clients: { app: { transport: "cookie", strategy: "jwt" } } });
    const { credentials } = await signUp(auth, "ada@example.com");
    if (credentials.transport !== "cookie") return expect.fail("no cookie");
    const attributes = "Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000";
    expect(parts(credentials.setCookies)).toEqual([
      ["__Host-latchkey-app", expect.stringMatching(/^eyJ/), attributes],
      ["__Host-latchkey-app-refresh", expect.stringMatching(/^lkr_/), attributes],
      device,
    ]);
  });

  test("stands nowhere else in the answer", async () => {
    const { auth } = makeStage();
    const signedIn = await signUp(auth, "ada@example.com");
    const [, value = ""] = credentialOf(signedIn).split("=");
    const secretPart = value.split(".")[1] ?? "";
    expect(secretPart).toHaveLength(43);
    expect(JSON.stringify({ ...signedIn, credentials: undefined })).not.toContain(secretPart);
    expect(Object.keys(signedIn.credentials)).toEqual(["transport", "setCookies"]);
  });

  test("is cleared by a sign-out, also when it was no good", async () => {
    const { auth } = makeStage();
    const cookie = credentialOf(await signUp(auth, "ada@example.com"));
    const cleared = "__Host-latchkey-web=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0";
    for (const sent of [cookie, cookie, "__Host-latchkey-web=forged"]) {
      expect(await auth.api.signOut(cookieRequest(sent))).toEqual({ ok: true, setCookies: [cleared] });
    }
    expect(await auth.api.signOut(makeRequest({}))).toEqual({ ok: true, setCookies: [] });
  });

  test("that would be too long is refused, and names no part of it", async () => {
    const stage = makeStage({ clients: { app: { transport: "cookie", strategy: "jwt" } } });
    await giveManyRoles(stage);
    const signingIn = stage.auth.api.signInEmail({ email: "ada@example.com", password });
    await expect(signingIn).rejects.toMatchObject({
      code: "misuse",
      message: expect.stringContaining("roles"),
    });
    await expect(signingIn).rejects.not.toMatchObject({ message: expect.stringContaining("eyJ") });
  });
});

// We look at no token of more than 4096 characters, so whoever gets one is signed in and refused ever after.
test("a bearer JWT too long for our own check is refused when it is issued", async () => {
  const stage = makeStage({ clients: { app: { transport: "bearer", strategy: "jwt" } } });
  await giveManyRoles(stage);
  const signingIn = stage.auth.api.signInEmail({ email: "ada@example.com", password });
  await expect(signingIn).rejects.toMatchObject({ code: "misuse" });
});

async function giveManyRoles({ auth }: ReturnType<typeof makeStage>): Promise<void> {
  const roles = Array.from({ length: 64 }, (_, i) => `department-${i}`.padEnd(64, "x"));
  await auth.api.createUser({ email: "ada@example.com", password, roles });
}
