import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { credentialOf, password } from "../../support/stage.ts";
import {
  arrive,
  billing,
  carry,
  clientSecret,
  issuer,
  makeStage,
  origin,
  requestOf,
  untilRefused,
} from "./stage.ts";

describe("a token of the server's own client", () => {
  test("is accepted, shows what a check shows there, and is not asked about again", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier();
    const signedIn = await arrive(stage);
    const request = requestOf(signedIn);
    const result = await verifier.authenticate(request);
    const there = await stage.auth.authenticate(request);
    if (!there.ok || !result.ok) return expect.fail("not accepted");
    expect(result.user).toEqual(there.user);
    expect(result.session).toEqual(there.session);
    expect(result).toMatchObject({ ok: true, client: "mobile", strategy: "jwt-live", scopes: null });
    expect("load" in result).toBe(false);
    expect(Object.isFrozen(result) && Object.isFrozen(result.session)).toBe(true);
    stage.meet(() => Promise.reject(new Error("asked")));
    const again = verifier.authenticate(request);
    expect(again).not.toBeInstanceOf(Promise);
    expect(again).toBe(result);
  });

  test("is refused within milliseconds of a revocation, a ban, a deletion, everything, a key", async () => {
    const acts = [
      (stage: Stage, { session }: Person) => stage.auth.api.revokeSession({ sessionId: session.id }),
      (stage: Stage, { user }: Person) => stage.auth.api.banUser({ userId: user.id }),
      (stage: Stage, { user }: Person) => stage.auth.api.removeUser({ userId: user.id }),
      (stage: Stage) => stage.auth.api.revokeEverything(),
      (stage: Stage) => stage.auth.api.rotateKeys({ compromised: true }),
    ];
    for (const act of acts) {
      const stage = await makeStage();
      const verifier = stage.verifier();
      const signedIn = await arrive(stage);
      const request = requestOf(signedIn);
      expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
      await act(stage, signedIn);
      expect(await untilRefused(verifier, request)).toBeLessThan(500);
    }
  });

  test("gets new roles with no new token", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier({ roles: { editor: ["post:*"] } });
    const signedIn = await arrive(stage);
    const request = requestOf(signedIn);
    const may = async (): Promise<boolean> => {
      const result = await verifier.authenticate(request);
      return result.ok && result.can("post:write");
    };
    expect(await may()).toBe(false);
    await stage.auth.api.setRole({ userId: signedIn.user.id, roles: ["editor"] });
    await expect.poll(may).toBe(true);
    await stage.auth.api.setRole({ userId: signedIn.user.id, roles: [] });
    await expect.poll(may).toBe(false);
  });

  test("is refused where it is wrong: spelling, issuer, audience, client, kind", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier({ clients: ["mobile"] });
    const token = credentialOf(await arrive(stage));
    const [header, payload, signature] = token.split(".");
    const plain = credentialOf(await arrive(stage, "plain"));
    const opaque = credentialOf(await arrive(stage, "opaque"));
    const invalid = { ok: false, code: "credential_invalid" };
    const wrong = [
      `${token}A`,
      `${header}.${payload}.`,
      `${header}.${payload}.${signature}=`,
      "x",
      plain,
      opaque,
    ];
    for (const value of wrong) expect(await verifier.authenticate(carry(value)), value).toEqual(invalid);
    const other = await makeStage();
    expect(await verifier.authenticate(requestOf(await arrive(other)))).toEqual(invalid);
    const elsewhere = stage.verifier({ audience: billing });
    expect(await elsewhere.authenticate(carry(token))).toEqual(invalid);
    const none = new Request("http://localhost/", { headers: { cookie: `latchkey-mobile=${token}` } });
    expect(await verifier.authenticate(none)).toEqual({ ok: false, code: "credential_missing" });
  });

  test("that has outlived its key is told that it has expired, and not that it is none", async () => {
    const stage = await makeStage({ access: { expiresIn: 2 } });
    const verifier = stage.verifier();
    const request = requestOf(await arrive(stage));
    await stage.auth.api.rotateKeys({ compromised: true });
    await expect.poll(() => verifier.authenticate(request)).toMatchObject({ code: "credential_invalid" });
    await expect
      .poll(() => verifier.authenticate(request), { timeout: 4000 })
      .toEqual({ ok: false, code: "access_expired" });
  });

  test("is checked against new keys as they come", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier();
    await verifier.start();
    for (let round = 0; round < 3; round++) {
      await stage.auth.api.rotateKeys({ compromised: true });
      const request = requestOf(await arrive(stage));
      await expect.poll(async () => (await verifier.authenticate(request)).ok, { timeout: 3000 }).toBe(true);
    }
  });

  test("by a key that nobody has does not make the keys be read again and again", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier();
    await verifier.start();
    const [, payload, signature] = credentialOf(await arrive(stage)).split(".");
    stage.asked.length = 0;
    for (let i = 0; i < 100; i++) {
      const header = Buffer.from(JSON.stringify({ alg: "EdDSA", typ: "at+jwt", kid: `k${i}` })).toString(
        "base64url",
      );
      expect(await verifier.authenticate(carry(`${header}.${payload}.${signature}`))).toMatchObject({
        ok: false,
      });
    }
    expect(stage.asked.filter((path) => path.includes("jwks")).length).toBeLessThanOrEqual(1);
  });
});

test("a token that a session was exchanged for: by scopes, and it dies with its session", async () => {
  const stage = await makeStage();
  const verifier = stage.verifier({ audience: billing });
  const signedIn = await arrive(stage, "opaque");
  const current = await stage.auth.authenticate(requestOf(signedIn));
  if (!current.ok) return expect.fail(current.code);
  const exchanged = await stage.auth.api.exchangeToken({
    current,
    audience: billing,
    scope: "invoices:read",
  });
  if (!exchanged.ok) return expect.fail(exchanged.code);
  const request = carry(exchanged.accessToken);
  const result = await verifier.authenticate(request);
  expect(result).toMatchObject({
    ok: true,
    user: { id: signedIn.user.id, roles: [] },
    scopes: ["invoices:read"],
  });
  if (!result.ok) return;
  expect([result.can("invoices:read"), result.can("invoices:write"), result.can("*")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(await stage.verifier().authenticate(request)).toMatchObject({ ok: false });
  await stage.auth.api.revokeSession({ sessionId: signedIn.session.id });
  expect(await untilRefused(verifier, request)).toBeLessThan(500);
});

test("a token that may live longer than changes are kept is not judged from them (P8)", async () => {
  const stage = await makeStage({ store: { ...memoryStore(), declareLongest: async () => undefined } });
  const request = requestOf(await arrive(stage));
  await expect(stage.verifier().authenticate(request)).rejects.toMatchObject({ code: "stale" });
});

describe("receipts", () => {
  test("count a remote verifier, and wait for it", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier({ node: "shelf" });
    const signedIn = await arrive(stage);
    const request = requestOf(signedIn);
    await verifier.authenticate(request);
    const revoked = await stage.auth.api.revokeSession({ sessionId: signedIn.session.id }, { confirm: true });
    expect(await verifier.authenticate(request)).toMatchObject({ ok: false });
    expect(revoked).toMatchObject({ receipt: { verifiers: 2, confirmed: 2, complete: true } });
    const nodes = (await stage.auth.api.listVerifiers()).map(({ node }) => node);
    expect(nodes).toContain("orders shelf");
    await verifier.close();
    expect((await stage.auth.api.listVerifiers()).length).toBe(1);
  });

  test("wait for one that hears nothing until it has stopped trusting what it knows", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier({ maxStaleness: 0.5 });
    const signedIn = await arrive(stage);
    const request = requestOf(signedIn);
    await verifier.authenticate(request);
    stage.meet(() => new Promise(() => undefined));
    const { receipt } = await stage.auth.api.revokeSessions({ userId: signedIn.user.id }, { confirm: true });
    await expect(Promise.resolve().then(() => verifier.authenticate(request))).rejects.toMatchObject({
      code: "stale",
    });
    expect(receipt).toMatchObject({ verifiers: 2, confirmed: 1, expired: 1, complete: true });
  });
});

describe("a server that does not answer", () => {
  const down = () => Promise.reject(new TypeError("fetch failed"));

  test("is a fault at the first check, and no refusal; the next check asks again", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier();
    const request = requestOf(await arrive(stage));
    stage.meet(down);
    await expect(Promise.resolve().then(() => verifier.authenticate(request))).rejects.toMatchObject({
      code: "cannot_tell",
      retryAfter: 1,
    });
    stage.meet(undefined);
    expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
  });

  test.each(["reject", "accept"] as const)("later: %s once what is known is too old", async (onStale) => {
    const stage = await makeStage();
    const verifier = stage.verifier({ maxStaleness: 0.5, onStale });
    const request = requestOf(await arrive(stage));
    expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
    stage.meet(down);
    expect(await verifier.authenticate(request), "within the bound").toMatchObject({ ok: true });
    await new Promise((done) => setTimeout(done, 550));
    const late = Promise.resolve().then(() => verifier.authenticate(request));
    if (onStale === "accept") expect(await late).toMatchObject({ ok: true });
    else await expect(late).rejects.toMatchObject({ code: "stale" });
    stage.meet(undefined);
    await expect
      .poll(
        async () =>
          (
            await Promise.resolve()
              .then(() => verifier.authenticate(request))
              .catch(() => ({ ok: false }))
          ).ok,
        { timeout: 3000 },
      )
      .toBe(true);
  });

  test.each<[string, (response: Response) => Promise<Response>]>([
    [
      "an answer to another request (a cache)",
      async (response) => Response.json({ ...(await response.json()), nonce: "old" }),
    ],
    ["no page", async () => Response.json({ hello: "world" })],
    ["no JSON", async () => new Response("<html>", { headers: { "content-type": "text/html" } })],
    ["an error", async () => Response.json({ code: "cannot_tell" }, { status: 503 })],
    [
      "changes that are none",
      async (response) => Response.json({ ...(await response.json()), changes: [{ at: "x" }] }),
    ],
  ])("%s proves nothing", async (_, spoil) => {
    const stage = await makeStage();
    const verifier = stage.verifier({ maxStaleness: 0.5 });
    const request = requestOf(await arrive(stage));
    expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
    stage.meet(async (asked, go) => (asked.url.endsWith("/changes") ? spoil(await go()) : go()));
    await new Promise((done) => setTimeout(done, 650));
    await expect(Promise.resolve().then(() => verifier.authenticate(request))).rejects.toMatchObject({
      code: "stale",
    });
  });

  test("one that sends elsewhere is not followed", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier();
    const signedIn = await arrive(stage);
    const redirects = new Set<string>();
    stage.meet(async (request) => {
      redirects.add(request.redirect);
      return new Response(null, { status: 307, headers: { location: "https://elsewhere.example/" } });
    });
    const checking = Promise.resolve().then(() => verifier.authenticate(requestOf(signedIn)));
    await expect(checking).rejects.toMatchObject({ code: "cannot_tell" });
    expect([...redirects]).toEqual(["manual"]);
  });

  test("an answer that was old when it was given counts as old", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier({ maxStaleness: 0.5 });
    const request = requestOf(await arrive(stage));
    await verifier.authenticate(request);
    stage.meet(async (asked, go) => {
      const response = await go();
      return asked.url.endsWith("/changes")
        ? Response.json({ ...(await response.json()), age: 600 })
        : response;
    });
    await new Promise((done) => setTimeout(done, 650));
    await expect(Promise.resolve().then(() => verifier.authenticate(request))).rejects.toMatchObject({
      code: "stale",
    });
  });

  test("a service token that is refused is got anew once (everything was revoked)", async () => {
    const stage = await makeStage();
    const verifier = stage.verifier();
    await verifier.start();
    stage.asked.length = 0;
    await stage.auth.api.revokeEverything();
    const request = requestOf(await arrive(stage));
    await expect.poll(async () => (await verifier.authenticate(request)).ok, { timeout: 3000 }).toBe(true);
    await new Promise((done) => setTimeout(done, 1200));
    expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
    expect(stage.asked.filter((path) => path === "/oauth2/token").length).toBe(1);
  });
});

test("where nothing runs in between, a check reads what is new itself, or after the answer", async () => {
  const stage = await makeStage();
  const verifier = stage.verifier({ background: false, maxStaleness: 0.5 });
  const signedIn = await arrive(stage);
  const request = requestOf(signedIn);
  expect(await verifier.authenticate(request)).toMatchObject({ ok: true });
  stage.asked.length = 0;
  await new Promise((done) => setTimeout(done, 300));
  expect(stage.asked).toEqual([]);
  const works: Promise<unknown>[] = [];
  expect(await verifier.authenticate(request, { waitUntil: (work) => void works.push(work) })).toMatchObject({
    ok: true,
  });
  expect(works).toHaveLength(1);
  await works[0];
  expect(stage.asked).toEqual(["/changes"]);
  await stage.auth.api.revokeSession({ sessionId: signedIn.session.id });
  await new Promise((done) => setTimeout(done, 550));
  expect(await verifier.authenticate(request)).toMatchObject({ ok: false, code: "session_ended" });
});

describe("who may follow the changes", () => {
  const ask = async (
    stage: Stage,
    token: string | undefined,
    body: unknown = { after: null, waitMs: 0, nonce: "n", lease: null },
  ) =>
    stage.auth.handler(
      new Request(`${issuer}/changes`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
      }),
    );
  const serviceToken = async (stage: Stage, id: string, scope?: string): Promise<string> => {
    const form = new URLSearchParams({
      grant_type: "client_credentials",
      client_id: id,
      client_secret: "orders-".padEnd(43, "A"),
    });
    if (scope !== undefined) form.set("scope", scope);
    const response = await stage.auth.handler(
      new Request(`${issuer}/oauth2/token`, { method: "POST", body: form }),
    );
    return String((await response.json()).access_token);
  };

  test("a service with the scope; nobody else", async () => {
    const stage = await makeStage();
    const person = await arrive(stage);
    const good = await serviceToken(stage, "orders", "changes:read");
    const page = await (await ask(stage, good)).json();
    expect(page).toMatchObject({ nonce: "n", atHead: true, reset: false, age: 0 });
    expect(page.longestLife).toBe(900_000);
    const rows: [string | undefined, number, string][] = [
      [undefined, 401, "credential_missing"],
      ["x", 401, "credential_invalid"],
      [credentialOf(person), 401, "credential_invalid"],
      [await serviceToken(stage, "nosy"), 403, "forbidden"],
      [`${good}A`, 401, "credential_invalid"],
    ];
    for (const [token, status, code] of rows) {
      const response = await ask(stage, token);
      expect([response.status, (await response.json()).code]).toEqual([status, code]);
    }
    await stage.auth.api.revokeEverything();
    expect((await ask(stage, good)).status).toBe(401);
  });

  test("bad input is refused, and a lease is the service's own", async () => {
    const stage = await makeStage();
    const good = await serviceToken(stage, "orders", "changes:read");
    const lease = { id: "a", counter: 1, node: "n", duration: 500_000, accepts: false };
    const fine = { after: null, waitMs: 0, nonce: "n", lease };
    const bad = [
      null,
      {},
      { ...fine, nonce: "" },
      { ...fine, waitMs: -1 },
      { ...fine, waitMs: 1e9 },
      { ...fine, after: 7 },
      { ...fine, more: 1 },
      { ...fine, lease: { ...lease, id: "" } },
      { ...fine, lease: { ...lease, duration: -1 } },
    ];
    for (const body of bad) expect((await ask(stage, good, body)).status, JSON.stringify(body)).toBe(400);
    expect((await ask(stage, good, fine)).status).toBe(200);
    const [verifier] = (await stage.auth.api.listVerifiers()).filter(({ node }) => node === "orders n");
    expect(verifier?.lease).toBe(66_250);
    const strange = await (await ask(stage, good, { ...fine, after: "nowhere.1.x" })).json();
    expect(strange).toMatchObject({ reset: "lost", changes: [], atHead: false });
  });

  test("a page of another site with cookies gets nothing", async () => {
    const stage = await makeStage();
    const response = await stage.auth.handler(
      new Request(`${issuer}/changes`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          origin: "https://evil.example",
          cookie: "latchkey-web=x",
        },
        body: JSON.stringify({ after: null, waitMs: 0, nonce: "n", lease: null }),
      }),
    );
    expect(response.status).toBe(401);
  });
});

test("wrong options name themselves", async () => {
  const { createVerifier } = await import("latchkey/verifier");
  const credentials = { clientId: "orders", clientSecret: "s".repeat(43) };
  const wrong: [object, RegExp][] = [
    [{ issuer: "auth.example", credentials }, /issuer: give the address/],
    [{ issuer: `${issuer}/`, credentials }, /issuer/],
    [{ issuer, credentials: { clientId: "", clientSecret: "" } }, /credentials: give clientId/],
    [{ issuer, credentials, maxStaleness: 0 }, /maxStaleness/],
    [{ issuer, credentials, cacheSize: 0.5 }, /cacheSize/],
  ];
  for (const [options, message] of wrong) {
    expect(() => createVerifier(options as never)).toThrow(message);
    expect(() => createVerifier(options as never)).not.toThrow(/ssss/);
  }
  expect(origin).toBe(new URL(issuer).origin);
  expect(password.length).toBeGreaterThan(8);
});

type Stage = Awaited<ReturnType<typeof makeStage>>;
type Person = Awaited<ReturnType<typeof arrive>>;

test.each([
  ["another secret", { clientId: "orders", clientSecret: "other".padEnd(43, "A") }, 401],
  ["a service that is not known", { clientId: "lost", clientSecret }, 401],
  ["a service without the scope", { clientId: "nosy", clientSecret }, 400],
])("start() says so: %s; checks go on as they can", async (_, credentials, status) => {
  const stage = await makeStage();
  const verifier = stage.verifier({ credentials });
  const words = `${issuer} gives no token (${status}) to the service "${credentials.clientId}"`;
  await expect(verifier.start()).rejects.toThrow(words);
  await expect(verifier.start()).rejects.not.toThrow(credentials.clientSecret);
  const request = requestOf(await arrive(stage));
  await expect(async () => verifier.authenticate(request)).rejects.toMatchObject({ code: "stale" });
});

test.each([
  ["/oauth2/token", () => Promise.reject(new TypeError("fetch failed")), `${issuer} does not answer`],
  ["/oauth2/token", async () => new Response("", { status: 500 }), "answered 500 for a service token"],
  ["/oauth2/token", async () => new Response("<html>"), `${issuer} does not answer`],
  ["/changes", async () => new Response("", { status: 403 }), "answered 403 for the change log"],
])("start() says so where %s does not answer as it should", async (path, answer, words) => {
  const stage = await makeStage();
  stage.meet((asked, go) => (asked.url.endsWith(path) ? answer() : go()));
  await expect(stage.verifier().start()).rejects.toThrow(words);
});

test("start() names the server that does not answer, or has no keys", async () => {
  const stage = await makeStage();
  await expect(stage.verifier({ issuer: `${origin}/elsewhere` }).start()).rejects.toThrow(
    `${origin}/elsewhere answered 404 for the keys`,
  );
  stage.meet(() => Promise.reject(new TypeError("fetch failed")));
  await expect(stage.verifier().start()).rejects.toThrow(`${issuer} does not answer`);
});
