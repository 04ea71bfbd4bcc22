import { describe, expect, test } from "vitest";
import { open, seal } from "../../../packages/latchkey/src/lib/crypto/seal.ts";

const secret = "a secret that is long enough to seal";
const context = "access:EdDSA:key-1";
const plaintext = '{"kty":"OKP","d":"ключ 🔑"}';

describe("seal and open", () => {
  test("gives back what was sealed", async () => {
    expect(await open(secret, context, await seal(secret, context, plaintext))).toBe(plaintext);
    expect(await open(secret, context, await seal(secret, context, ""))).toBe("");
  });

  test("two seals of one text differ in every part", async () => {
    const [first, second] = [await seal(secret, context, plaintext), await seal(secret, context, plaintext)];
    const [a, b] = [first.split("."), second.split(".")];
    expect([a[0], b[0]]).toEqual(["1", "1"]);
    for (const part of [1, 2, 3]) expect(a[part]).not.toBe(b[part]);
  });

  test("the text does not shine through", async () => {
    const sealed = await seal(secret, context, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    expect(Buffer.from(sealed.split(".")[3] ?? "", "base64url").includes("AAAA")).toBe(false);
  });

  test.each([
    ["another secret", `${secret}.`, context],
    ["no secret", "", context],
    ["another context", secret, "access:EdDSA:key-2"],
    ["no context", secret, ""],
  ])("does not open with %s", async (_, otherSecret, otherContext) => {
    const sealed = await seal(secret, context, plaintext);
    expect(await open(otherSecret, otherContext, sealed)).toBeUndefined();
  });

  test("does not open with any one character altered", async () => {
    const sealed = await seal(secret, context, "a key");
    for (let i = 0; i < sealed.length; i++) {
      const altered = `${sealed.slice(0, i)}${sealed[i] === "A" ? "B" : "A"}${sealed.slice(i + 1)}`;
      expect(await open(secret, context, altered), `character ${i}`).toBeUndefined();
    }
  });

  test("does not open with any one bit of its box turned", async () => {
    const [version, salt, iv, box] = (await seal(secret, context, "k")).split(".");
    const bytes = Buffer.from(box ?? "", "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned[bit >> 3] = (turned[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const altered = [version, salt, iv, turned.toString("base64url")].join(".");
      expect(await open(secret, context, altered), `bit ${bit}`).toBeUndefined();
    }
  });

  test.each(["", "1", "1...", "1.AAAA.AAAA.AAAA", "2.AAAA.AAAA.AAAA", "not sealed at all", "🔑"])(
    "%j opens to nothing and does not throw",
    async (text) => {
      expect(await open(secret, context, text)).toBeUndefined();
    },
  );

  test.each([
    ["cut short", (sealed: string) => sealed.slice(0, -4)],
    ["without its last part", (sealed: string) => sealed.split(".").slice(0, 3).join(".")],
    ["with padding", (sealed: string) => `${sealed}=`],
    ["of another version", (sealed: string) => `2${sealed.slice(1)}`],
  ])("%s it does not open", async (_, change) => {
    const sealed = await seal(secret, context, plaintext);
    expect(await open(secret, context, change(sealed))).toBeUndefined();
  });
});
