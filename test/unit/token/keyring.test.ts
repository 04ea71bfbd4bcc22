import type { KeyAlgorithm, Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { checkAccessToken, makeAccessToken } from "../../../packages/latchkey/src/token/access.ts";
import { loadKeyring } from "../../../packages/latchkey/src/token/keyring.ts";
import { checkSessionToken, makeSessionToken } from "../../../packages/latchkey/src/token/opaque.ts";
import type { SessionId, StoredKey } from "../../../packages/latchkey/src/types.ts";
import { makeCheck, makeClaims, signerOf } from "../../support/access-tokens.ts";

const oldSecret = "the old secret, of more than 32 characters";
const newSecret = "the new secret, of more than 32 characters";
const parts = { id: "AAAAAAAAAAAAAAAAAAAAAA" as SessionId, secret: "A".repeat(43), client: "web" };

/** A memory store whose rows of keys a test may write over, as whoever holds the database could. */
function storeWithKeys(change: (keys: readonly StoredKey[]) => readonly StoredKey[]): Store {
  const store = memoryStore();
  return {
    ...store,
    async listKeys() {
      const { keys, keysVersion } = await store.listKeys();
      return { keys: change(keys), keysVersion };
    },
  };
}

describe("loadKeyring", () => {
  test("makes one key for each purpose, once", async () => {
    const store = memoryStore();
    await loadKeyring(store, [oldSecret], "EdDSA");
    const made = await store.listKeys();
    const kinds = made.keys.map(({ purpose, algorithm }) => `${purpose} ${algorithm}`);
    expect(kinds.sort()).toEqual(["access EdDSA", "device HS256", "refresh HS256", "session HS256"]);
    await loadKeyring(store, [oldSecret], "EdDSA");
    expect(await store.listKeys()).toEqual(made);
  });

  test("gives the same keys to all that load them", async () => {
    const store = memoryStore();
    const [a, b] = [
      await loadKeyring(store, [oldSecret], "EdDSA"),
      await loadKeyring(store, [oldSecret], "EdDSA"),
    ];
    const token = await makeSessionToken(a.macs.session, parts);
    expect(await checkSessionToken(b.macs.session, ["web"], token)).toBeDefined();
    const access = await makeAccessToken(signerOf(a), makeClaims());
    expect(await checkAccessToken(makeCheck(b), access)).toHaveProperty("claims");
  });

  test("keeps accepting tokens of the algorithm it leaves", async () => {
    const store = memoryStore();
    const tokens: string[] = [];
    for (const algorithm of ["EdDSA", "HS256"] as const) {
      const signer = signerOf(await loadKeyring(store, [oldSecret], algorithm));
      expect(signer.algorithm).toBe(algorithm);
      tokens.push(await makeAccessToken(signer, makeClaims()));
    }
    for (const algorithm of ["EdDSA", "HS256"] as const) {
      const keyring = await loadKeyring(store, [oldSecret], algorithm);
      expect(signerOf(keyring).algorithm).toBe(algorithm);
      const check = makeCheck(keyring);
      for (const token of tokens) expect(await checkAccessToken(check, token)).toHaveProperty("claims");
    }
  });

  test("marks session tokens with the newest key and accepts those of the older", async () => {
    const store = memoryStore();
    const before = await loadKeyring(store, [oldSecret], "EdDSA");
    const other = memoryStore();
    await loadKeyring(other, [oldSecret], "EdDSA");
    const newer = await other.listKeys();
    const own = await store.listKeys();
    const keys = [...own.keys, ...newer.keys];
    const both = { ...store, listKeys: async () => ({ ...own, keys }) };
    const after = await loadKeyring(both, [oldSecret], "EdDSA");
    const [older, token] = [
      await makeSessionToken(before.macs.session, parts),
      await makeSessionToken(after.macs.session, parts),
    ];
    expect(token).not.toBe(older);
    expect(await checkSessionToken(after.macs.session, ["web"], older)).toBeDefined();
    expect(await checkSessionToken(before.macs.session, ["web"], token)).toBeUndefined();
  });
});

describe("the JWK set", () => {
  test.each([
    ["EdDSA", 1],
    ["HS256", 0],
  ] as const)("with %s holds %i key", async (algorithm: KeyAlgorithm, count) => {
    const keyring = await loadKeyring(memoryStore(), [oldSecret], algorithm);
    const { jwks } = keyring;
    expect(jwks.keys).toHaveLength(count);
    for (const key of jwks.keys) {
      expect(key).toEqual({
        kty: "OKP",
        crv: "Ed25519",
        x: expect.stringMatching(/^[\w-]{43}$/),
        kid: signerOf(keyring).id,
        alg: "EdDSA",
        use: "sig",
      });
    }
  });

  test("holds the keys of former algorithms, but no secret one", async () => {
    const store = memoryStore();
    await loadKeyring(store, [oldSecret], "EdDSA");
    const { jwks } = await loadKeyring(store, [oldSecret], "HS256");
    expect(jwks.keys.map(({ kty }) => kty)).toEqual(["OKP"]);
    expect(JSON.stringify(jwks)).not.toMatch(/"(?:k|d)":|"oct"|HS256/);
  });
});

describe("sealed keys", () => {
  test("do not show themselves", async () => {
    const store = memoryStore();
    await loadKeyring(store, [oldSecret], "EdDSA");
    for (const { sealed, publicJwk } of (await store.listKeys()).keys) {
      expect(sealed).toMatch(/^1\.[\w-]{22}\.[\w-]{16}\.[\w-]+$/);
      expect(publicJwk ?? "").not.toContain('"d"');
    }
  });

  test.each([
    ["of two purposes", ["session", "access"]],
    ["of one key into both", ["access", "access"]],
  ])("swapped between rows %s, do not open", async (_, [first, second]) => {
    const swapped = storeWithKeys((keys) => {
      const of = (purpose: string | undefined): string =>
        keys.find((key) => key.purpose === purpose)?.sealed ?? "";
      return keys.map((key) => ({ ...key, sealed: key.purpose === "session" ? of(second) : of(first) }));
    });
    // With one algorithm for both, nothing but the seal tells the keys apart.
    await expect(loadKeyring(swapped, [oldSecret], "HS256")).rejects.toMatchObject({ code: "misuse" });
  });

  test("of another key of the same purpose do not open either", async () => {
    const other = memoryStore();
    await loadKeyring(other, [oldSecret], "EdDSA");
    const { keys: theirs } = await other.listKeys();
    const moved = storeWithKeys((keys) =>
      keys.map((key, i) => ({ ...key, sealed: theirs[i]?.sealed ?? "" })),
    );
    await expect(loadKeyring(moved, [oldSecret], "EdDSA")).rejects.toMatchObject({ code: "misuse" });
  });

  test.each<[string, Partial<StoredKey>]>([
    ["another purpose", { purpose: "access" }],
    ["another algorithm", { algorithm: "EdDSA" }],
    ["another id", { id: "AAAAAAAAAAAAAAAAAAAAAA" }],
  ])("do not open in a row with %s", async (_, patch) => {
    const patched = storeWithKeys((keys) =>
      keys.map((key) => (key.purpose === "session" ? { ...key, ...patch } : key)),
    );
    await loadKeyring(patched, [oldSecret], "EdDSA").then(
      () => expect.fail("it opened"),
      (error: unknown) => expect(error).toMatchObject({ code: "misuse" }),
    );
  });

  test("are sealed anew under the first secret, so that the last can go", async () => {
    const store = memoryStore();
    const token = await makeSessionToken(
      (await loadKeyring(store, [oldSecret], "EdDSA")).macs.session,
      parts,
    );
    const before = await store.listKeys();

    await loadKeyring(store, [oldSecret, newSecret], "EdDSA");
    expect(await store.listKeys()).toEqual(before);

    await loadKeyring(store, [newSecret, oldSecret], "EdDSA");
    const after = await store.listKeys();
    expect(after.keys.map(({ id }) => id)).toEqual(before.keys.map(({ id }) => id));
    for (const [i, key] of after.keys.entries()) expect(key.sealed).not.toBe(before.keys[i]?.sealed);

    const alone = await loadKeyring(store, [newSecret], "EdDSA");
    expect(await checkSessionToken(alone.macs.session, ["web"], token)).toBeDefined();
    await expect(loadKeyring(store, [oldSecret], "EdDSA")).rejects.toMatchObject({ code: "misuse" });
  });
});

test("a wrong secret adds no key, which the right one could not open", async () => {
  const store = memoryStore();
  await loadKeyring(store, [oldSecret], "EdDSA");
  const before = await store.listKeys();
  await expect(loadKeyring(store, [newSecret], "HS256")).rejects.toMatchObject({ code: "misuse" });
  expect(await store.listKeys()).toEqual(before);
});

test("a store that loses what it was given is a fault, not a misuse", async () => {
  const store: Store = { ...memoryStore(), listKeys: async () => ({ keys: [], keysVersion: 0 }) };
  await expect(loadKeyring(store, [oldSecret], "EdDSA")).rejects.toMatchObject({ code: "cannot_tell" });
});
