import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeBase64url,
  encodeBase64url,
  isCanonicalBase64url,
} from "../../../packages/latchkey/src/lib/base64url.ts";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

describe("base64url", () => {
  test.each([
    ["", ""],
    ["f", "Zg"],
    ["fo", "Zm8"],
    ["foo", "Zm9v"],
    ["foobar", "Zm9vYmFy"],
  ])("%j is %j (RFC 4648, section 10, without padding)", (text, encoded) => {
    const bytes = new TextEncoder().encode(text);
    expect(encodeBase64url(bytes)).toBe(encoded);
    expect(decodeBase64url(encoded)).toEqual(bytes);
  });

  test("uses - and _ where base64 has + and /", () => {
    expect(encodeBase64url(new Uint8Array([0xfb, 0xff]))).toBe("-_8");
  });

  test("gives back the bytes it was given, and agrees with node:buffer", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = encodeBase64url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("base64url"));
        expect(decodeBase64url(text)).toEqual(Uint8Array.from(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  test("takes more bytes than a call has arguments", () => {
    const bytes = new Uint8Array(200_000).fill(0xa5);
    expect(encodeBase64url(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
  });

  test("reads only what it would write itself", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...alphabet, "=", "+", " "), maxLength: 12 }), (text) => {
        const bytes = decodeBase64url(text);
        if (bytes !== undefined) expect(encodeBase64url(bytes)).toBe(text);
      }),
      { numRuns: 5000 },
    );
  });

  test("of the 64 last characters after one full byte, 4 are canonical; after two, 16", () => {
    const last = [...alphabet];
    expect(last.filter((character) => isCanonicalBase64url(`A${character}`))).toEqual([..."AQgw"]);
    expect(last.filter((character) => isCanonicalBase64url(`AA${character}`))).toEqual([
      ..."AEIMQUYcgkosw048",
    ]);
    expect(last.filter((character) => isCanonicalBase64url(`AAA${character}`))).toEqual(last);
  });

  test.each([
    ["one character more than full groups", "A"],
    ["five characters", "AAAAA"],
    ["padding", "Zg=="],
    ["padding where none is due", "Zm9v="],
    ["base64's plus", "+_8A"],
    ["base64's slash", "/_8A"],
    ["a space before", " Zg"],
    ["a space inside", "Z g"],
    ["a newline behind", "Zg\n"],
    ["a carriage return", "Zm9v\r"],
    ["a tab", "Zm\t9"],
    ["NUL", "Zg\0A"],
    ["a letter outside ASCII", "Zé9v"],
    ["a full-width letter", "Ｚm9v"],
    ["half of a surrogate pair", "\ud83dAAA"],
    ["a dot", "Zm9.Zm9v"],
  ])("refuses %s", (_, text) => {
    expect(isCanonicalBase64url(text)).toBe(false);
    expect(decodeBase64url(text)).toBeUndefined();
  });
});
