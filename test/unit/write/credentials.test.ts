import { describe, expect, test } from "vitest";
import { bearerRequest, cookieRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, signIn, signUp } from "../../support/stage.ts";

const clients = {
  "web-session": { transport: "cookie", strategy: "session" },
  "web-jwt": { transport: "cookie", strategy: "jwt" },
  "app-session": { transport: "bearer", strategy: "session" },
  "app-jwt": { transport: "bearer", strategy: "jwt" },
} as const;
const names = Object.keys(clients);

describe("a bearer client", () => {
  test("of the session strategy gets a session token and its life in seconds", async () => {
    const { auth } = makeStage({ clients });
    expect((await signUp(auth, "ada@example.com", "app-session")).credentials).toEqual({
      transport: "bearer",
      sessionToken: expect.stringMatching(/^lks_/),
      expiresIn: 2_592_000,
      deviceToken: expect.stringMatching(/^lkd_/),
    });
  });

  test("of the jwt strategy gets an access token (RFC 6749, section 5.1), and one to refresh it", async () => {
    const { auth } = makeStage({ clients });
    expect((await signUp(auth, "ada@example.com", "app-jwt")).credentials).toEqual({
      transport: "bearer",
      accessToken: expect.stringMatching(/^eyJ/),
      tokenType: "Bearer",
      expiresIn: 900,
      refreshToken: expect.stringMatching(/^lkr_/),
      refreshExpiresIn: 2_592_000,
      deviceToken: expect.stringMatching(/^lkd_/),
    });
  });

  test("of the jwt strategy without refresh gets nothing but an access token", async () => {
    const { auth } = makeStage({
      clients: { app: { transport: "bearer", strategy: "jwt", refresh: false } },
    });
    expect((await signUp(auth, "ada@example.com")).credentials).toEqual({
      transport: "bearer",
      accessToken: expect.stringMatching(/^eyJ/),
      tokenType: "Bearer",
      expiresIn: 900,
      deviceToken: expect.stringMatching(/^lkd_/),
    });
  });
});

describe("P25: a credential counts only on the transport of its client, and only as its own", () => {
  test.each(names)("%s", async (name) => {
    const { auth } = makeStage({ clients });
    const credential = credentialOf(await signUp(auth, "ada@example.com", name));
    const value = credential.replace(/^[^=]*=/, "");
    const accepted: string[] = [];
    for (const other of names) {
      const result = await auth.authenticate(cookieRequest(`__Host-latchkey-${other}=${value}`));
      if (result.ok) accepted.push(`cookie of ${other} as ${result.client}`);
    }
    const result = await auth.authenticate(bearerRequest(value));
    if (result.ok) accepted.push(`bearer as ${result.client}`);
    expect(accepted).toEqual([name.startsWith("web") ? `cookie of ${name} as ${name}` : `bearer as ${name}`]);
  });

  test("while a client changes its strategy, what it accepts besides keeps working", async () => {
    const before = makeStage({ clients: { app: { transport: "bearer", strategy: "session" } } });
    const old = credentialOf(await signUp(before.auth, "ada@example.com"));
    const { store } = before;
    const during = makeStage({
      store,
      clients: { app: { transport: "bearer", strategy: "jwt", accept: ["session"] } },
    });
    const newer = credentialOf(await signIn(during.auth, "ada@example.com"));
    expect(await during.auth.authenticate(bearerRequest(old))).toMatchObject({ strategy: "session" });
    expect(await during.auth.authenticate(bearerRequest(newer))).toMatchObject({ strategy: "jwt" });
    const after = makeStage({ store, clients: { app: { transport: "bearer", strategy: "jwt" } } });
    expect(await after.auth.authenticate(bearerRequest(old))).toEqual({
      ok: false,
      code: "credential_invalid",
    });
    expect(await after.auth.authenticate(bearerRequest(newer))).toMatchObject({ strategy: "jwt" });
  });
});
