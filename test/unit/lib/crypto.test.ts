import nodeCrypto from "node:crypto";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { decodeBase64url, encodeBase64url } from "../../../packages/latchkey/src/lib/base64url.ts";
import type { CryptoDoor, SecretJwk } from "../../../packages/latchkey/src/lib/crypto/door.ts";
import { nodeDoor } from "../../../packages/latchkey/src/lib/crypto/node.ts";
import { webDoor } from "../../../packages/latchkey/src/lib/crypto/web.ts";
import { crypto } from "../../../packages/latchkey/src/lib/crypto.ts";

const doors: readonly (readonly [name: string, door: CryptoDoor])[] = [
  ["node:crypto", nodeDoor(nodeCrypto)],
  ["WebCrypto", webDoor(globalThis.crypto.subtle)],
];

const hex = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(Buffer.from(text, "hex"));
const ascii = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** RFC 8037, appendix A.1, which is RFC 8032, section 7.1, TEST 1. */
const rfc8037Key: SecretJwk = {
  kty: "OKP",
  crv: "Ed25519",
  d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
  x: "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
};
/** RFC 8037, appendix A.4. */
const rfc8037Input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const rfc8037Signature =
  "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

describe.each(doors)("%s", (_, door) => {
  test("SHA-256 of nothing and of abc (FIPS 180-4)", async () => {
    expect(await door.sha256("")).toBe("47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU");
    expect(await door.sha256("abc")).toBe("ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0");
  });

  test("SHA-256 reads text as UTF-8", async () => {
    const expected = nodeCrypto.createHash("sha256").update(Buffer.from("é€😀")).digest("base64url");
    expect(await door.sha256("é€😀")).toBe(expected);
  });

  // RFC 4231, sections 4.2, 4.3, 4.7 and 4.8: the cases whose data is text.
  test.each([
    [1, hex("0b".repeat(20)), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"],
    [
      2,
      ascii("Jefe"),
      "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      6,
      hex("aa".repeat(131)),
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
    [
      7,
      hex("aa".repeat(131)),
      "This is a test using a larger than block-size key and a larger than block-size data. " +
        "The key needs to be hashed before being used by the HMAC algorithm.",
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    ],
  ])("HMAC-SHA-256, RFC 4231 case %i", async (_case, key, text, expected) => {
    const { mac } = await door.macKey(key);
    expect(await mac(text)).toBe(encodeBase64url(hex(expected)));
  });

  test("Ed25519 signs as in RFC 8037, appendix A.4, and verifies it", async () => {
    const key = await door.signatureKey("EdDSA", rfc8037Key);
    expect(await key.sign(rfc8037Input)).toBe(rfc8037Signature);
    expect(await key.verifySignature(rfc8037Input, rfc8037Signature)).toBe(true);
  });

  test("Ed25519 signs the empty text as in RFC 8032, section 7.1, TEST 1", async () => {
    const key = await door.signatureKey("EdDSA", rfc8037Key);
    const expected = hex(
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
    expect(await key.sign("")).toBe(encodeBase64url(expected));
  });

  test("an Ed25519 signature of another text, or with any bit turned, does not hold", async () => {
    const key = await door.signatureKey("EdDSA", rfc8037Key);
    expect(await key.verifySignature(`${rfc8037Input}g`, rfc8037Signature)).toBe(false);
    const bytes = decodeBase64url(rfc8037Signature) ?? new Uint8Array();
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Uint8Array.from(bytes, (byte, i) => (i === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(await key.verifySignature(rfc8037Input, encodeBase64url(turned)), `bit ${bit}`).toBe(false);
    }
  });

  test.each([
    ["nothing", ""],
    ["padding", `${rfc8037Signature}==`],
    ["unused bits that are set", `${rfc8037Signature.slice(0, -1)}h`],
    ["a space inside", `${rfc8037Signature.slice(0, 40)} ${rfc8037Signature.slice(40)}`],
    ["a space in place of a character", `${rfc8037Signature.slice(0, 85)} `],
    ["a newline behind", `${rfc8037Signature}\n`],
    ["base64 instead of base64url", rfc8037Signature.replaceAll("_", "/")],
    ["63 bytes", rfc8037Signature.slice(0, -2)],
    ["64 zero bytes", "A".repeat(86)],
    ["65 bytes", `${rfc8037Signature.slice(0, 84)}AAAA`],
    ["a letter outside ASCII", `${rfc8037Signature.slice(0, 85)}é`],
  ])("an Ed25519 signature written as %s does not hold and does not throw", async (_name, signature) => {
    const key = await door.signatureKey("EdDSA", rfc8037Key);
    expect(await key.verifySignature(rfc8037Input, signature)).toBe(false);
  });

  test("a generated Ed25519 key is a new one each time, and signs what it verifies", async () => {
    const [jwk, other] = [await door.generateKey("EdDSA"), await door.generateKey("EdDSA")];
    expect(jwk).toMatchObject({ kty: "OKP", crv: "Ed25519" });
    expect([jwk.x?.length, jwk.d?.length]).toEqual([43, 43]);
    expect(other.d).not.toBe(jwk.d);
    const key = await door.signatureKey("EdDSA", jwk);
    const otherKey = await door.signatureKey("EdDSA", other);
    const signature = await key.sign("text");
    expect(await key.verifySignature("text", signature)).toBe(true);
    expect(await otherKey.verifySignature("text", signature)).toBe(false);
  });
});

describe("the doors agree", () => {
  const [[, node], [, web]] = doors as readonly [
    readonly [string, CryptoDoor],
    readonly [string, CryptoDoor],
  ];

  test("on hashes and marks of any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), fc.uint8Array({ minLength: 1 }), async (text, key) => {
        const bytes = Uint8Array.from(key);
        const marks = await Promise.all([node.macKey(bytes), web.macKey(bytes)]);
        expect(await marks[0].mac(text)).toBe(await marks[1].mac(text));
        expect(await node.sha256(text)).toBe(await web.sha256(text));
      }),
      { numRuns: 50 },
    );
  });

  test("on a key that the other one made, and its signatures", async () => {
    for (const [maker, other] of [[node, web] as const, [web, node] as const]) {
      const jwk = await maker.generateKey("EdDSA");
      const [mine, theirs] = [await maker.signatureKey("EdDSA", jwk), await other.signatureKey("EdDSA", jwk)];
      const signature = await mine.sign("text");
      expect(await theirs.sign("text")).toBe(signature);
      expect(await theirs.verifySignature("text", signature)).toBe(true);
    }
  });

  test("but only node:crypto answers at once, which is what this runtime uses", async () => {
    const bytes = new Uint8Array(32);
    expect(node.macKey(bytes)).not.toBeInstanceOf(Promise);
    expect(web.macKey(bytes)).toBeInstanceOf(Promise);
    const key = await crypto.signatureKey("EdDSA", rfc8037Key);
    expect(key.verifySignature(rfc8037Input, rfc8037Signature)).toBe(true);
  });
});

test.each([
  ["Cloudflare-Workers", false],
  ["Node.js/20", true],
])("the door of a runtime that calls itself %s answers at once: %s (P37)", async (userAgent, atOnce) => {
  vi.stubGlobal("navigator", { userAgent });
  vi.resetModules();
  const { crypto: door } = await import("../../../packages/latchkey/src/lib/crypto.ts");
  vi.unstubAllGlobals();
  expect(typeof door.sha256("abc") === "string").toBe(atOnce);
});
