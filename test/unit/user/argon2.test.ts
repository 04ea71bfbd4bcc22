import { describe, expect, test } from "vitest";
import { argon2Hasher } from "../../../packages/latchkey/src/user/password/argon2.ts";

const hasher = argon2Hasher();

describe("the default hasher", () => {
  test("makes Argon2id with 19 MiB, 2 passes and 1 lane, salted anew each time", async () => {
    const [a, b] = [await hasher.hash("correct horse"), await hasher.hash("correct horse")];
    expect(a).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
    expect(b).not.toBe(a);
    expect(await hasher.verify(a, "correct horse")).toBe(true);
    expect(await hasher.verify(b, "correct horse")).toBe(true);
    expect(await hasher.verify(a, "Correct horse")).toBe(false);
    expect(await hasher.verify(a, "")).toBe(false);
  });

  test("takes a password as it was typed: spaces, NUL, emoji and the last of 1024 characters count", async () => {
    for (const [typed, other] of [
      ["  spaces ", "spaces"],
      ["nul\0one", "nul\0two"],
      ["😀".repeat(1024), "😀".repeat(1023)],
      [`${"a".repeat(200)}b`, `${"a".repeat(200)}c`],
    ] as const) {
      const hash = await hasher.hash(typed);
      expect(await hasher.verify(hash, typed)).toBe(true);
      expect(await hasher.verify(hash, other)).toBe(false);
    }
  });

  test("leaves the event loop free while 8 passwords are hashed", async () => {
    await hasher.hash("loads the native module");
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await Promise.all(Array.from({ length: 8 }, (_, i) => hasher.hash(`password ${i}`)));
    clearInterval(timer);
    // On the event loop's own thread no timer fires while one is hashed.
    expect(turns).toBeGreaterThanOrEqual(16);
  });
});
