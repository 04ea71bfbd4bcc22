import type { SignedIn } from "latchkey";
import { describe, expect, test } from "vitest";
import { makeStage, type Stage, signUp } from "../../support/stage.ts";

const jwts = ["jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"] as const;
const minute = 60_000;
const email = "ada@example.com";

async function arrive(strategy: (typeof jwts)[number] | "session", options = {}) {
  const clients = {
    web: { transport: "cookie", strategy },
    other: { transport: "bearer", strategy: "jwt-allowlist" },
  } as const;
  // Time flies here, and what is known of the log stands still meanwhile.
  const stage = makeStage({ clients, revocation: { maxStaleness: 60, onStale: "lookup" }, ...options });
  const signedIn = await signUp(stage.auth, email, "web");
  return { ...stage, signedIn, cookie: cookiesOf(signedIn) };
}

function cookiesOf({ credentials }: SignedIn): string {
  if (credentials.transport !== "cookie") throw new Error("not by cookie");
  return credentials.setCookies.map((one) => one.split(";", 1)[0]).join("; ");
}

const page = (cookie: string): Request => new Request("https://app.example/", { headers: { cookie } });

const pairOf = (header: string, name: string): string | undefined =>
  header.split("; ").find((pair) => pair.startsWith(`${name}=`));

const names = ["__Host-latchkey-web", "__Host-latchkey-web-refresh"] as const;

describe.each(jwts)("a page of a cookie client, %s", (strategy) => {
  test("is as it was while the token is young", async () => {
    const { auth, cookie, advance } = await arrive(strategy);
    advance(12 * minute);
    expect(await auth.renew(page(cookie))).toEqual({
      result: expect.objectContaining({ ok: true }),
      setCookies: [],
    });
  });

  test.each([
    ["with less than a sixth of its life left", 13],
    ["once it has expired", 16],
  ])("gets a new pair %s", async (_, minutes) => {
    const { auth, cookie, advance, signedIn } = await arrive(strategy);
    advance(minutes * minute);
    const renewed = await auth.renew(page(`theme=dark; ${cookie}; lang=en`));
    expect(renewed.result).toMatchObject({ ok: true, session: { id: signedIn.session.id }, client: "web" });
    expect(renewed.setCookies.map((one) => one.split("=", 1)[0])).toEqual(names);
    expect(renewed.cookie).toMatch(/^theme=dark; .*lang=en; /);
    for (const name of names) {
      expect(pairOf(renewed.cookie ?? "", name)).toBeDefined();
      expect(pairOf(renewed.cookie ?? "", name)).not.toBe(pairOf(cookie, name));
    }
    advance(5 * minute);
    expect(await auth.authenticate(page(renewed.cookie ?? ""))).toMatchObject({ ok: true });
    // What was sent once more meanwhile gets the same.
    expect((await auth.authenticate(page(cookie))).ok).toBe(false);
  });

  test("twenty at once get one successor, and nobody is signed out", async () => {
    const { auth, cookie, advance } = await arrive(strategy);
    advance(16 * minute);
    const all = await Promise.all(Array.from({ length: 20 }, () => auth.renew(page(cookie))));
    expect(all.every(({ result }) => result.ok)).toBe(true);
    const successors = new Set(all.map((one) => pairOf(one.cookie ?? "", names[1])));
    expect(successors.size).toBe(1);
  });

  test("of somebody who is banned is refused, and sets nothing", async () => {
    const { auth, cookie, advance, signedIn } = await arrive(strategy);
    await auth.api.banUser({ userId: signedIn.user.id });
    advance(16 * minute);
    const { result, setCookies } = await auth.renew(page(cookie));
    expect(result.ok).toBe(false);
    expect(setCookies).toEqual([]);
  });

  test("whose refresh token has expired too is refused", async () => {
    const { auth, cookie, advance } = await arrive(strategy, { refresh: { expiresIn: 3600 } });
    advance(61 * minute);
    const { result, setCookies } = await auth.renew(page(cookie));
    expect(result).toMatchObject({ ok: false });
    expect(setCookies).toEqual([]);
  });

  test("that has lost its access cookie gets one", async () => {
    const { auth, cookie } = await arrive(strategy);
    const { result, setCookies } = await auth.renew(page(pairOf(cookie, names[1]) ?? ""));
    expect(result).toMatchObject({ ok: true });
    expect(setCookies[0]).toMatch(/^__Host-latchkey-web=ey/);
  });

  test("with two refresh cookies is not renewed: one of them may be planted", async () => {
    const { auth, cookie, advance } = await arrive(strategy);
    advance(16 * minute);
    const { result, setCookies } = await auth.renew(page(`${cookie}; ${names[1]}=lkr_x`));
    expect(result).toMatchObject({ ok: false, code: "access_expired" });
    expect(setCookies).toEqual([]);
  });

  test("by a Bearer token reads no cookie", async () => {
    const { auth, cookie, advance } = await arrive(strategy);
    advance(16 * minute);
    const headers = { cookie, authorization: "Bearer nonsense" };
    const { result, setCookies } = await auth.renew(new Request("https://app.example/", { headers }));
    expect(result).toMatchObject({ ok: false, code: "credential_invalid" });
    expect(setCookies).toEqual([]);
  });
});

test("a token that is about to expire, while the store is gone, holds until it has", async () => {
  const gone = { readSession: () => Promise.reject(new Error("gone")) };
  const stage: Stage = makeStage({ clients: { web: { transport: "cookie", strategy: "jwt" } } }, () => gone);
  const cookie = cookiesOf(await signUp(stage.auth, email));
  stage.advance(14 * minute);
  expect(await stage.auth.renew(page(cookie))).toMatchObject({ result: { ok: true }, setCookies: [] });
  stage.advance(2 * minute);
  await expect(stage.auth.renew(page(cookie))).rejects.toThrow("the store failed");
});

test("a token that has expired, while the store is gone: the fault comes through", async () => {
  const gone = { refreshSession: () => Promise.reject(new Error("gone")) };
  const stage: Stage = makeStage({ clients: { web: { transport: "cookie", strategy: "jwt" } } }, () => gone);
  const cookie = cookiesOf(await signUp(stage.auth, email));
  stage.advance(16 * minute);
  await expect(stage.auth.renew(page(cookie))).rejects.toThrow();
});

test("a session token is renewed by nothing, and one that is missing is missing", async () => {
  const { auth, cookie } = await arrive("session");
  expect(await auth.renew(page(cookie))).toMatchObject({ result: { ok: true }, setCookies: [] });
  expect(await auth.renew(page("a=b"))).toEqual({
    result: { ok: false, code: "credential_missing" },
    setCookies: [],
  });
});
