import { createLocalJWKSet, jwtVerify } from "jose";
import { beforeAll, describe, expect, test } from "vitest";
import { checkAccessToken, makeAccessToken } from "../../../packages/latchkey/src/token/access.ts";
import type { Keyring } from "../../../packages/latchkey/src/token/keyring.ts";
import {
  audience,
  issuedAt,
  issuer,
  makeCheck,
  makeClaims,
  makeKeyring,
  signerOf,
  signPayload,
} from "../../support/access-tokens.ts";

describe.each(["EdDSA", "HS256"] as const)("an access token signed with %s", (algorithm) => {
  let keyring: Keyring;
  let token: string;
  let expired: object;

  beforeAll(async () => {
    keyring = await makeKeyring(algorithm);
    token = await makeAccessToken(signerOf(keyring), makeClaims());
    expired = { kind: "access", claims: makeClaims(), keyId: signerOf(keyring).id, expired: true };
  });

  test("is what RFC 9068, section 2 asks for", () => {
    const [header = "", payload = ""] = token.split(".");
    const json = (text: string): unknown => JSON.parse(Buffer.from(text, "base64url").toString());
    expect(json(header)).toEqual({ alg: algorithm, typ: "at+jwt", kid: signerOf(keyring).id });
    expect(json(payload)).toEqual(makeClaims());
  });

  test("is checked at once, without waiting", () => {
    expect(checkAccessToken(makeCheck(keyring), token)).toEqual({
      ...expired,
      expired: false,
    });
  });

  test("passes each of a thousand times", async () => {
    for (let i = 0; i < 1000; i++) {
      expect(await checkAccessToken(makeCheck(keyring), token)).toHaveProperty("claims.sub", "user-1");
    }
  });

  test("runs until its exp, which is no part of its life", async () => {
    const exp = (issuedAt + 900) * 1000;
    expect(await checkAccessToken(makeCheck(keyring, exp - 1), token)).toHaveProperty("expired", false);
    expect(await checkAccessToken(makeCheck(keyring, exp), token)).toEqual(expired);
    expect(await checkAccessToken(makeCheck(keyring, exp + 1e9), token)).toEqual(expired);
  });

  test("is expired only if it was ours and for us: else it is invalid", async () => {
    const check = makeCheck(keyring, (issuedAt + 901) * 1000);
    expect(await checkAccessToken(check, token)).toEqual(expired);
    expect(await checkAccessToken(check, token.slice(0, -2))).toBeUndefined();
    expect(await checkAccessToken({ ...check, issuer: `${issuer}/` }, token)).toBeUndefined();
    expect(await checkAccessToken({ ...check, audience: "https://b.example" }, token)).toBeUndefined();
    const incomplete = JSON.stringify({ ...makeClaims(), sid: undefined });
    expect(await checkAccessToken(check, await signPayload(signerOf(keyring), incomplete))).toBeUndefined();
  });

  test("of another process's keys is invalid", async () => {
    const other = await makeKeyring(algorithm);
    expect(await checkAccessToken(makeCheck(other), token)).toBeUndefined();
  });

  test("may carry claims that are not asked for, and no roles at all", async () => {
    const more = await signPayload(
      signerOf(keyring),
      JSON.stringify({ ...makeClaims({ roles: [] }), more: 1 }),
    );
    expect(await checkAccessToken(makeCheck(keyring), more)).toHaveProperty("claims.roles", []);
  });

  test("longer than 4096 characters is refused, the longest that is not passes", async () => {
    const padded = (size: number): Promise<string> =>
      signPayload(signerOf(keyring), JSON.stringify({ ...makeClaims(), pad: "x".repeat(size) }));
    let size = 2000;
    while ((await padded(size)).length <= 4096) size++;
    expect(await checkAccessToken(makeCheck(keyring), await padded(size - 1))).toHaveProperty("claims");
    expect(await checkAccessToken(makeCheck(keyring), await padded(size))).toBeUndefined();
  });

  test("of a megabyte is refused without reading it", async () => {
    expect(await checkAccessToken(makeCheck(keyring), `${token}${"A".repeat(2 ** 20)}`)).toBeUndefined();
    expect(await checkAccessToken(makeCheck(keyring), ".".repeat(4096))).toBeUndefined();
  });
});

test("jose accepts our EdDSA token by our JWK set", async () => {
  const keyring = await makeKeyring("EdDSA");
  const token = await makeAccessToken(signerOf(keyring), makeClaims());
  const published = JSON.parse(JSON.stringify(keyring.jwks));
  const verified = await jwtVerify(token, createLocalJWKSet(published), {
    issuer,
    audience,
    typ: "at+jwt",
    currentDate: new Date((issuedAt + 60) * 1000),
  });
  expect(verified.payload).toEqual(makeClaims());
  expect(verified.protectedHeader.kid).toBe(published.keys[0].kid);
});

test("a token of one algorithm's key is never checked with the other's", async () => {
  const [eddsa, hs256] = [await makeKeyring("EdDSA"), await makeKeyring("HS256")];
  const keys = new Map([...eddsa.access, ...hs256.access]);
  const check = { ...makeCheck(eddsa), keys };
  for (const [signer, other] of [
    [signerOf(eddsa), signerOf(hs256)],
    [signerOf(hs256), signerOf(eddsa)],
  ] as const) {
    expect(await checkAccessToken(check, await makeAccessToken(signer, makeClaims()))).toHaveProperty("kind");
    const crossed = await signPayload(
      { header: other.header, key: signer.key },
      JSON.stringify(makeClaims()),
    );
    expect(await checkAccessToken(check, crossed)).toBeUndefined();
  }
});
