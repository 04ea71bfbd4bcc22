import { describe, expect, test } from "vitest";
import { checkNewPassword } from "../../../packages/latchkey/src/user/password/policy.ts";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, signUp } from "../../support/stage.ts";

const email = "ada@example.com";

async function verdict(text: string, minLength = 8): Promise<string> {
  return (await checkNewPassword(text, minLength, email))?.code ?? "good";
}

describe("a new password", () => {
  test.each([
    ["", "password_too_short"],
    ["a8Xq2Lm", "password_too_short"],
    ["a8Xq2Lm!", "good"],
    ["😀😃😄😁😆😅😂", "password_too_short"],
    ["😀😃😄😁😆😅😂🤣", "good"],
    ["éèêëēėę", "password_too_short"],
    ["éèêëēėęĕ", "good"],
    ["   a b  ", "good"],
    ["        ", "good"],
    ["\t\t\t\t\t\t\t\t", "good"],
  ])("%j: %s (length in code points)", async (text, expected) => {
    expect(await verdict(text)).toBe(expected);
  });

  test("has at most 1024 characters, emoji counted as one", async () => {
    expect(await verdict("aB3$".repeat(256))).toBe("good");
    expect(await verdict(`${"aB3$".repeat(256)}x`)).toBe("password_too_long");
    expect(await verdict("😀".repeat(1024))).toBe("good");
    expect(await verdict("😀".repeat(1025))).toBe("password_too_long");
  });

  test("needs as many characters as configured", async () => {
    expect(await verdict("a8Xq2Lm!a8Xq2L", 15)).toBe("password_too_short");
    expect(await verdict("a8Xq2Lm!a8Xq2Lm", 15)).toBe("good");
    expect(await checkNewPassword("short", 15, email)).toEqual({
      ok: false,
      code: "password_too_short",
      detail: "Use at least 15 characters.",
    });
  });

  test.each([
    "password",
    "Password",
    "PASSWORD",
    "pAsSwOrD",
    "12345678",
    "qwertyuiop",
    "iloveyou1",
    "Football1",
  ])("%s is among the most used, in any case", async (text) => {
    expect(await verdict(text)).toBe("password_too_common");
  });

  test.each(["password ", " password", "passwordpassword-", "pässword"])(
    "%j is not the same as a common one: nothing is trimmed or folded away",
    async (text) => {
      expect(await verdict(text)).toBe("good");
    },
  );

  test("is not the person's own address", async () => {
    expect(await verdict(email)).toBe("password_too_common");
    expect(await verdict("ADA@example.com")).toBe("password_too_common");
    expect(await verdict("ada@example.org")).toBe("good");
    expect(await checkNewPassword(email, 8, null)).toBeUndefined();
  });

  test("needs no digits, capitals or signs", async () => {
    expect(await verdict("correct horse battery staple")).toBe("good");
    expect(await verdict("zzqxkvjwpf")).toBe("good");
  });
});

describe("a password counts exactly as it was typed", () => {
  test.each([
    [" leading", "leading"],
    ["trailing ", "trailing"],
    ["MixedCase", "mixedcase"],
    ["cafe\u0301-latte", "café-latte"],
    ["ｆｕｌｌｗｉｄｔｈ", "fullwidth"],
    [`${"a8Xq2Lm!".repeat(9)}x`, "a8Xq2Lm!".repeat(9)],
    ["nul\0inside!", "nul"],
  ])("%j is not %j", async (typed, similar) => {
    const { auth } = makeStage();
    expect(await auth.api.signUpEmail({ email, password: typed })).toHaveProperty("ok", true);
    expect(await auth.api.signInEmail({ email, password: typed })).toHaveProperty("ok", true);
    expect(await auth.api.signInEmail({ email, password: similar })).toEqual({
      ok: false,
      code: "invalid_credentials",
    });
  });
});

describe("the policy holds wherever a password is set, before it is hashed", () => {
  const policy = { passwords: { minLength: 12 } };

  test.each([
    ["elevenchars", "password_too_short"],
    ["Password1234", "password_too_common"],
    [email, "password_too_common"],
    ["x".repeat(1025), "password_too_long"],
  ])("%s: %s", async (bad, code) => {
    const { auth, hasher, store } = makeStage();
    const strict = makeStage({ store, passwords: { ...policy.passwords, hasher } });
    const token = credentialOf(await signUp(auth, email, "mobile"));
    const current = await strict.auth.authenticate(bearerRequest(token));
    if (!current.ok) return expect.fail(current.code);
    hasher.calls.length = 0;
    const change = { current, currentPassword: password, newPassword: bad };
    expect(await strict.auth.api.changePassword(change)).toMatchObject({ code });
    const other = { email: bad === email ? "Ada@Example.com" : "bob@example.com", password: bad };
    expect(await strict.auth.api.signUpEmail(other)).toMatchObject({ code });
    expect(await strict.auth.api.createUser(other)).toMatchObject({ code });
    expect(hasher.calls).toEqual([]);
  });
});
