import { beforeAll, describe, expect, test } from "vitest";
import { checkAccessToken, makeAccessToken } from "../../../packages/latchkey/src/token/access.ts";
import type { Keyring } from "../../../packages/latchkey/src/token/keyring.ts";
import { makeCheck, makeClaims, makeKeyring, signerOf } from "../../support/access-tokens.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Ways to write a good token that a lenient reader takes for the same. */
const spellings: readonly (readonly [name: string, spell: (token: string) => string])[] = [
  ["a space before it", (token) => ` ${token}`],
  ["a space behind it", (token) => `${token} `],
  ["a space after the first dot", (token) => token.replace(".", ". ")],
  ["a space in its header", (token) => `${token.slice(0, 9)} ${token.slice(9)}`],
  ["a space in its signature", (token) => `${token.slice(0, -9)} ${token.slice(-9)}`],
  ["a newline behind it", (token) => `${token}\n`],
  ["a newline in its signature", (token) => `${token.slice(0, -9)}\n${token.slice(-9)}`],
  ["a carriage return and a newline", (token) => `${token}\r\n`],
  ["a tab before its signature", (token) => token.replace(/\.(?=[^.]*$)/, ".\t")],
  ["a no-break space behind it", (token) => `${token}\u00a0`],
  ["a vertical tab behind it", (token) => `${token}\v`],
  ["NUL behind it", (token) => `${token}\0`],
  ["a byte order mark before it", (token) => `\ufeff${token}`],
  ["a zero-width space in it", (token) => token.replace(".", ".\u200b")],
  ["padding behind it", (token) => `${token}=`],
  ["double padding behind it", (token) => `${token}==`],
  ["padding behind its header", (token) => token.replace(".", "=.")],
  ["padding behind its payload", (token) => token.replace(/\.(?=[^.]*$)/, "=.")],
  ["base64 in place of base64url", (token) => `${token}+/`],
  ["a fourth segment", (token) => `${token}.AAAA`],
  ["two more segments, as in a JWE", (token) => `${token}.AAAA.AAAA`],
  ["an empty fourth segment", (token) => `${token}.`],
  ["an empty first segment", (token) => `.${token}`],
  ["two dots in place of one", (token) => token.replace(".", "..")],
  ["no signature", (token) => token.slice(0, token.lastIndexOf("."))],
  ["an empty signature", (token) => token.slice(0, token.lastIndexOf(".") + 1)],
  ["an empty payload", (token) => token.replace(/\.[^.]*\./, "..")],
  ["an empty header", (token) => token.slice(token.indexOf("."))],
  ["its header alone", (token) => token.slice(0, token.indexOf("."))],
  ["dots alone", () => ".."],
  ["nothing", () => ""],
  ["itself twice", (token) => token + token],
  ["itself twice with a comma", (token) => `${token},${token}`],
  ["quotes around it", (token) => `"${token}"`],
  ["Bearer before it", (token) => `Bearer ${token}`],
  ["percent encoding", (token) => token.replaceAll(".", "%2E")],
  ["full-width dots", (token) => token.replaceAll(".", "．")],
  ["capitals", (token) => token.toUpperCase()],
  [
    "JSON serialization",
    (token) => JSON.stringify({ payload: token.split(".")[1], signature: token.split(".")[2] }),
  ],
  ["prototype names as segments", () => "__proto__.constructor.toString"],
];

describe.each(["EdDSA", "HS256"] as const)("a %s token", (algorithm) => {
  let keyring: Keyring;
  let token: string;

  beforeAll(async () => {
    keyring = await makeKeyring(algorithm);
    token = await makeAccessToken(signerOf(keyring), makeClaims());
    expect(await checkAccessToken(makeCheck(keyring), token)).toHaveProperty("claims");
  });

  test.each(spellings)("written with %s is invalid", async (_, spell) => {
    expect(await checkAccessToken(makeCheck(keyring), spell(token))).toBeUndefined();
  });

  test("is invalid with any other last character in its signature: there is one spelling", async () => {
    const passing: string[] = [];
    for (const last of alphabet) {
      const checked = await checkAccessToken(makeCheck(keyring), token.slice(0, -1) + last);
      if (checked !== undefined) passing.push(last);
    }
    expect(passing).toEqual([token.slice(-1)]);
  });

  test("is invalid with the unused bits of its header or payload set", async () => {
    const padded = async (extra: string): Promise<string> =>
      makeAccessToken(signerOf(keyring), makeClaims({ jti: `token${extra}` }));
    for (const one of [await padded(""), await padded("1"), await padded("12")]) {
      for (const segment of [0, 1]) {
        for (const last of alphabet) {
          const segments = one.split(".");
          segments[segment] = (segments[segment] ?? "").slice(0, -1) + last;
          const changed = segments.join(".");
          if (changed === one) continue;
          expect(await checkAccessToken(makeCheck(keyring), changed)).toBeUndefined();
        }
      }
    }
  });

  test("whose payload is signed with unused bits set is invalid although the signature holds", async () => {
    const { header, key } = signerOf(keyring);
    const payloads = ["", "1", "12"].map((extra) =>
      Buffer.from(JSON.stringify(makeClaims({ jti: `token${extra}` }))).toString("base64url"),
    );
    let tried = 0;
    for (const payload of payloads) {
      for (const last of alphabet) {
        const spelled = payload.slice(0, -1) + last;
        const sameBytes = Buffer.from(spelled, "base64url").equals(Buffer.from(payload, "base64url"));
        if (spelled === payload || !sameBytes) continue;
        tried++;
        const input = `${header}.${spelled}`;
        const signed = `${input}.${await key.sign(input)}`;
        expect(await checkAccessToken(makeCheck(keyring), signed)).toBeUndefined();
      }
    }
    expect(tried).toBe(15 + 3);
  });

  test.each([" ", "\n", "=", "+", "é"])("whose payload is signed with %j in it is invalid", async (extra) => {
    const { header, key } = signerOf(keyring);
    const payload = Buffer.from(JSON.stringify(makeClaims())).toString("base64url");
    for (const spelled of [
      payload + extra,
      extra + payload,
      payload.slice(0, 8) + extra + payload.slice(8),
    ]) {
      const input = `${header}.${spelled}`;
      const signed = `${input}.${await key.sign(input)}`;
      expect(await checkAccessToken(makeCheck(keyring), signed)).toBeUndefined();
    }
  });
});
