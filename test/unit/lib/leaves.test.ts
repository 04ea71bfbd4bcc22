import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toSeconds, wholeSecond } from "../../../packages/latchkey/src/lib/clock.ts";
import { equalConstantTime } from "../../../packages/latchkey/src/lib/constant-time.ts";
import { deepFreeze, isJsonObject, parseJson } from "../../../packages/latchkey/src/lib/json.ts";
import { chain } from "../../../packages/latchkey/src/lib/maybe-promise.ts";
import { isBanned } from "../../../packages/latchkey/src/lib/standing.ts";
import { fromUtf8, toUtf8 } from "../../../packages/latchkey/src/lib/text.ts";

describe("equalConstantTime", () => {
  test.each([
    ["", "", true],
    ["a", "a", true],
    ["a", "b", false],
    ["a", "", false],
    ["ab", "abc", false],
    ["abc", "abd", false],
    ["abc", "bbc", false],
    ["\u0100", "\u0000", false],
    ["😀", "😁", false],
  ])("%j and %j: %s", (a, b, equal) => {
    expect(equalConstantTime(a, b)).toBe(equal);
  });

  test("says what === says", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 });
    const agree = fc.property(text, text, (a, b) => equalConstantTime(a, b) === (a === b));
    fc.assert(agree, { numRuns: 2000 });
  });
});

describe("chain", () => {
  test("goes on at once with a value", () => {
    expect(chain(1, (n) => n + 1)).toBe(2);
  });

  test("goes on later with a promise", async () => {
    const result = chain(Promise.resolve(1), (n) => n + 1);
    expect(result).toBeInstanceOf(Promise);
    expect(await result).toBe(2);
  });

  test("passes a rejection on, and a throw of the next step out", async () => {
    await expect(chain(Promise.reject(new Error("no")), () => 1)).rejects.toThrow("no");
    const fail = (): number => {
      throw new Error("no");
    };
    expect(() => chain(1, fail)).toThrow("no");
  });
});

describe("UTF-8", () => {
  test("gives back the text, a byte order mark too", () => {
    for (const text of ["", "é€😀", "\ufeffwith a mark"]) expect(fromUtf8(toUtf8(text))).toBe(text);
  });

  test.each([
    ["a lone continuation byte", [0x80]],
    ["a cut sequence", [0xe2, 0x82]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
    ["0xff", [0x61, 0xff]],
  ])("%s is no text", (_, bytes) => {
    expect(fromUtf8(Uint8Array.from(bytes))).toBeUndefined();
  });
});

describe("JSON", () => {
  test("text that is none gives undefined", () => {
    for (const text of ["", "{", "{a:1}", "undefined", "\ufeff{}"]) expect(parseJson(text)).toBeUndefined();
    expect(parseJson('{"a":[1]}')).toEqual({ a: [1] });
  });

  test("an object is neither an array nor null", () => {
    expect([{}, [], null, "a", 1, true, undefined].map(isJsonObject)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  test("deepFreeze freezes all that a value holds", () => {
    const value = deepFreeze({ list: [{ name: "a" }], nothing: null, text: "b" });
    expect(Object.isFrozen(value)).toBe(true);
    expect(Object.isFrozen(value.list)).toBe(true);
    expect(Object.isFrozen(value.list[0])).toBe(true);
  });
});

describe("time", () => {
  test("is rounded down to the second", () => {
    expect([toSeconds(1999), wholeSecond(1999), wholeSecond(2000)]).toEqual([1, 1000, 2000]);
  });

  test.each([
    ["active", null, false],
    ["active", 2000, false],
    ["banned", null, true],
    ["banned", 1001, true],
    ["banned", 1000, false],
    ["banned", 999, false],
  ] as const)("%s until %s: banned at 1000 is %s", (status, bannedUntil, banned) => {
    expect(isBanned({ status, bannedUntil, externalBan: false }, 1000)).toBe(banned);
    expect(isBanned({ status, bannedUntil, externalBan: true }, 1000), "by the application").toBe(true);
  });
});
