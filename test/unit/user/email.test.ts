import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalEmail } from "../../../packages/latchkey/src/user/email.ts";
import { makeStage, password, signUp } from "../../support/stage.ts";

describe("canonicalEmail", () => {
  test.each([
    ["ada@example.com", "ada@example.com"],
    ["Ada@Example.COM", "ada@example.com"],
    ["ADA.LOVELACE+tag@Mail.Example.com", "ada.lovelace+tag@mail.example.com"],
    ["o'brien@example.com", "o'brien@example.com"],
    ["ada＠example.com", "ada@example.com"],
    ["ａｄａ@ｅｘａｍｐｌｅ．com", "ada@example.com"],
    ["\u212aelvin@example.com", "kelvin@example.com"],
    ["ﬁ@example.com", "fi@example.com"],
    ["ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"],
  ])("%j is %j", (text, canonical) => {
    expect(canonicalEmail(text)).toBe(canonical);
  });

  test.each([
    "",
    "@",
    "ada",
    "ada@",
    "@example.com",
    "ada@example",
    "ada@@example.com",
    "a@evil.com@victim.com",
    "a＠evil.com@victim.com",
    "a@evil.com＠victim.com",
    "a@x.com,b@y.com",
    "a@x.com;b@y.com",
    "a@x.com b@y.com",
    "a@x.com\nb@y.com",
    "Ada <ada@example.com>",
    "<ada@example.com>",
    '"ada"@example.com',
    "mailto:ada@example.com",
    " ada@example.com",
    "ada@example.com ",
    "ada@example.com\n",
    "ada\t@example.com",
    "ada @example.com",
    "\u00a0ada@example.com",
    "ada\u200b@example.com",
    "ada\u00ad@example.com",
    "\ufeffada@example.com",
    "ada\0@example.com",
    "ada@example.com\0",
    "ada\u202e@example.com",
    "ada\u007f@example.com",
    ".ada@example.com",
    "ada.@example.com",
    "a..da@example.com",
    "ada@-example.com",
    "ada@example..com",
    "ada@.example.com",
    "ada@example.com.",
    "ada@127.0.0.1",
    "ada@[127.0.0.1]",
    "ada@example.c",
    "аda@example.com",
    "ada@exаmple.com",
    "ada@bücher.example",
    "İ@example.com",
    "ada@example.com?subject=x",
    "ada@example.com/x",
    "ada%00@example.com",
    "\ud83d@example.com",
  ])("%j is no address", (text) => {
    expect(canonicalEmail(text)).toBeUndefined();
  });

  test("has at most 254 characters, counted after folding", () => {
    const domain = "@example.com";
    const longest = "a".repeat(254 - domain.length) + domain;
    expect(canonicalEmail(longest)).toBe(longest);
    expect(canonicalEmail(`a${longest}`)).toBeUndefined();
    // One character of the text, 18 of its folded form.
    expect(canonicalEmail(`${"\ufdfa".repeat(200)}${domain}`)).toBeUndefined();
  });

  test("is quick to refuse a very long text", () => {
    const started = performance.now();
    for (const part of ["a", "a.", "a@", ".", "@", "-"]) canonicalEmail(part.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("changes nothing any more when applied again", () => {
    const unit = fc.constantFrom("a", "Z", "ｂ", "＠", "@", ".", "．", "com", "\u212a", "ﬁ", "é", "-", "+");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 12 }), (text) => {
        const canonical = canonicalEmail(`${text}@Example.com`);
        if (canonical !== undefined) expect(canonicalEmail(canonical)).toBe(canonical);
      }),
      { numRuns: 3000 },
    );
  });
});

describe("one account per address", () => {
  test("however it is spelled", async () => {
    const { auth } = makeStage();
    const { user } = await signUp(auth, "Ada@Example.com");
    expect(user.email).toBe("ada@example.com");
    const again = await auth.api.signUpEmail({ email: "ada＠example.COM", password });
    expect(again).toEqual({ ok: false, code: "email_taken" });
    const signedIn = await auth.api.signInEmail({ email: "ADA@example.com", password });
    expect(signedIn).toMatchObject({ ok: true, user: { id: user.id } });
    expect(await auth.api.getUser({ email: "ａda@example.com" })).toMatchObject({ id: user.id });
  });

  test.each(["a＠evil.com@victim.com", "a@x.com,b@y.com", ""])(
    "%j is refused everywhere, and nothing is asked of the store for it",
    async (email) => {
      const { auth, calls, hasher } = makeStage();
      await auth.start();
      calls.length = 0;
      const refusal = { ok: false, code: "invalid_input", detail: "email: not an e-mail address." };
      expect(await auth.api.signUpEmail({ email, password })).toEqual(refusal);
      expect(await auth.api.signInEmail({ email, password })).toEqual(refusal);
      expect(await auth.api.createUser({ email, password })).toEqual(refusal);
      expect(await auth.api.getUser({ email })).toBeUndefined();
      expect(calls).toEqual([]);
      expect(hasher.calls).toEqual([]);
    },
  );
});
