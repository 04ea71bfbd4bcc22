import { createLocalJWKSet, jwtVerify } from "jose";
import { LatchkeyError, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test, vi } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { bearerRequest } from "../../support/requests.ts";
import { baseURL, credentialOf, makeStage, secret, signIn, signUp } from "../../support/stage.ts";

const newSecret = "the new secret, of more than 32 characters";
const clients = {
  app: { transport: "bearer", strategy: "session" },
  api: { transport: "bearer", strategy: "jwt" },
} as const;

describe("processes that start together on one store", () => {
  test("agree on the keys: what one issues, each accepts", async () => {
    const store = memoryStore();
    const hasher = plainHasher();
    const start = (): ReturnType<typeof latchkey> =>
      latchkey({ secret, baseURL, store, clients, passwords: { hasher } });
    const processes = Array.from({ length: 20 }, start);
    await Promise.all(processes.map((one) => one.start()));
    expect((await store.listKeys()).keys).toHaveLength(4);

    const [first] = processes;
    if (first === undefined) throw new Error("no process");
    await signUp(first, "ada@example.com", "app");
    for (const issuing of processes) {
      for (const client of ["app", "api"]) {
        const token = credentialOf(await signIn(issuing, "ada@example.com", client));
        for (const other of processes) {
          expect(await other.authenticate(bearerRequest(token))).toHaveProperty("ok", true);
        }
      }
    }
    const sets = await Promise.all(processes.map(publishedKeys));
    expect(new Set(sets.map((set) => JSON.stringify(set))).size).toBe(1);
  });

  test("one process starts its store once, however many calls come first", async () => {
    const { auth, calls } = makeStage();
    await Promise.all(Array.from({ length: 20 }, () => auth.authenticate(bearerRequest("lks_"))));
    expect(calls.filter((name) => name === "start")).toHaveLength(1);
  });

  test("a start that failed is made again by the next call", async () => {
    const store = memoryStore();
    const start = vi
      .spyOn(store, "start")
      .mockRejectedValueOnce(new LatchkeyError("cannot_tell", "the database is down"));
    const { auth } = makeStage({ store });
    await expect(auth.authenticate(bearerRequest("lks_"))).rejects.toMatchObject({ code: "cannot_tell" });
    expect(await auth.authenticate(bearerRequest("lks_"))).toEqual({ ok: false, code: "credential_invalid" });
    expect(start).toHaveBeenCalledTimes(2);
  });
});

describe("a secret that is changed", () => {
  test("signs nobody out: added last, then moved first, then alone", async () => {
    const { auth, store } = makeStage({ clients });
    const token = credentialOf(await signUp(auth, "ada@example.com", "app"));
    for (const list of [[secret, newSecret], [newSecret, secret], newSecret]) {
      const next = makeStage({ store, clients, secret: list });
      expect(await next.auth.authenticate(bearerRequest(token))).toHaveProperty("ok", true);
    }
  });

  test("a wrong one stops the start: the message says what to do and shows no secret", async () => {
    const { auth, store } = makeStage();
    await auth.start();
    const wrong = [newSecret, "yet another one, of more than 32 characters"];
    const error: unknown = await makeStage({ store, secret: wrong })
      .auth.start()
      .catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(LatchkeyError);
    expect(error).toMatchObject({ code: "misuse", message: expect.stringContaining("secret:") });
    expect(String(error)).toMatch(/add that secret to the end of the list/);
    for (const one of [secret, ...wrong]) expect(String(error)).not.toContain(one);
  });
});

describe("what is published", () => {
  test("lets others verify our EdDSA tokens with jose", async () => {
    const { auth, now } = makeStage({ clients });
    const token = credentialOf(await signUp(auth, "ada@example.com", "api"));
    const { payload } = await jwtVerify(token, createLocalJWKSet(await publishedKeys(auth)), {
      issuer: `${baseURL}/api/auth`,
      audience: baseURL,
      typ: "at+jwt",
      currentDate: new Date(now()),
      requiredClaims: ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"],
    });
    expect(payload).toMatchObject({ client_id: "api", epo: [0, 0, 0], exp: (payload.iat ?? 0) + 900 });
  });

  test("says nothing of HS256 keys", async () => {
    const { auth } = makeStage({ clients, keys: { algorithm: "HS256" } });
    expect(await publishedKeys(auth)).toEqual({ keys: [] });
  });
});

async function publishedKeys({ handler }: ReturnType<typeof latchkey>): Promise<{ keys: [] }> {
  return (await handler(new Request(`${baseURL}/api/auth/jwks`))).json();
}
