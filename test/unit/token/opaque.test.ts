import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { MacKey } from "../../../packages/latchkey/src/lib/crypto/door.ts";
import { makeSessionId } from "../../../packages/latchkey/src/lib/crypto/random.ts";
import { crypto } from "../../../packages/latchkey/src/lib/crypto.ts";
import {
  checkSessionToken,
  isSecretOf,
  makeSessionSecret,
  makeSessionToken,
} from "../../../packages/latchkey/src/token/opaque.ts";

const id = makeSessionId();
let oldKey: MacKey;
let newKey: MacKey;
let secret: string;
let token: string;

beforeAll(async () => {
  oldKey = await crypto.macKey(Uint8Array.from(randomBytes(32)));
  newKey = await crypto.macKey(Uint8Array.from(randomBytes(32)));
  ({ secret } = await makeSessionSecret());
  token = await makeSessionToken([newKey, oldKey], { id, secret, client: "web" });
});

describe("a session token", () => {
  test("is lks_<id>.<secret>.<mac> of 16, 32 and 32 bytes", () => {
    expect(token).toMatch(/^lks_[\w-]{22}\.[\w-]{43}\.[\w-]{43}$/);
    expect(token.startsWith(`lks_${id}.${secret}.`)).toBe(true);
  });

  test("checks, and tells its parts", async () => {
    const checked = await checkSessionToken([newKey], ["web"], token);
    expect(checked).toEqual({ kind: "session", id, secret, client: "web" });
  });

  test("is checked at once, without waiting", () => {
    expect(checkSessionToken([newKey], ["web"], token)).toMatchObject({ id });
  });

  test("stands under the mark together with its client", async () => {
    expect(await checkSessionToken([newKey], ["mobile"], token)).toBeUndefined();
    expect(await checkSessionToken([newKey], [], token)).toBeUndefined();
    expect(await checkSessionToken([newKey], ["mobile", "web"], token)).toMatchObject({ client: "web" });
  });

  test("is marked by the first key, and accepted under any", async () => {
    expect(await checkSessionToken([newKey], ["web"], token)).toBeDefined();
    expect(await checkSessionToken([oldKey], ["web"], token)).toBeUndefined();
    const older = await makeSessionToken([oldKey], { id, secret, client: "web" });
    expect(await checkSessionToken([newKey, oldKey], ["web"], older)).toMatchObject({ id });
    expect(await checkSessionToken([newKey], ["web"], older)).toBeUndefined();
    expect(await checkSessionToken([], ["web"], token)).toBeUndefined();
  });

  test("is none with any other last character", async () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const passing: string[] = [];
    for (const last of alphabet) {
      const checked = await checkSessionToken([newKey], ["web"], token.slice(0, -1) + last);
      if (checked !== undefined) passing.push(last);
    }
    expect(passing).toEqual([token.slice(-1)]);
  });

  test("cannot be made without a key", async () => {
    await expect(makeSessionToken([], { id, secret, client: "web" })).rejects.toThrow(TypeError);
  });

  test("with a part of another is none", async () => {
    const other = await makeSessionToken([newKey], {
      id: makeSessionId(),
      secret: (await makeSessionSecret()).secret,
      client: "web",
    });
    const [mine, theirs] = [token.split("."), other.split(".")];
    for (const taken of ["100", "010", "001", "110", "101", "011"]) {
      const mixed = mine.map((part, i) => (taken[i] === "1" ? theirs[i] : part)).join(".");
      expect(await checkSessionToken([newKey], ["web"], mixed), taken).toBeUndefined();
    }
  });

  test.each([
    ["without its prefix", (text: string) => text.slice(4)],
    ["with a prefix in capitals", (text: string) => text.replace("lks_", "LKS_")],
    ["with another prefix", (text: string) => text.replace("lks_", "lkr_")],
    ["with a space before", (text: string) => ` ${text}`],
    ["with a newline behind", (text: string) => `${text}\n`],
    ["on the second of two lines", (text: string) => `\n${text}`],
    ["with a tab inside", (text: string) => text.replace(".", "\t.")],
    ["with padding", (text: string) => `${text}=`],
    ["with a fourth segment", (text: string) => `${text}.AAAA`],
    ["with an empty fourth segment", (text: string) => `${text}.`],
    ["without its mark", (text: string) => text.slice(0, text.lastIndexOf("."))],
    ["with an empty mark", (text: string) => text.slice(0, text.lastIndexOf(".") + 1)],
    ["with a mark of zeros", (text: string) => `${text.slice(0, text.lastIndexOf("."))}.${"A".repeat(43)}`],
    ["with its mark cut", (text: string) => text.slice(0, -1)],
    ["twice", (text: string) => text + text],
    ["quoted", (text: string) => `"${text}"`],
    ["with percent encoding", (text: string) => text.replaceAll(".", "%2E")],
    ["with NUL behind", (text: string) => `${text}\0`],
    ["replaced by nothing", () => ""],
    ["replaced by its prefix", () => "lks_"],
  ])("%s is none", async (_, change) => {
    expect(await checkSessionToken([newKey], ["web"], change(token))).toBeUndefined();
  });
});

describe("the random part of a session token", () => {
  test("is another each time, and known by its hash alone", async () => {
    const [a, b] = [await makeSessionSecret(), await makeSessionSecret()];
    expect(a.secret).not.toBe(b.secret);
    expect(a.hash).not.toContain(a.secret);
    expect(await isSecretOf(a.secret, a.hash)).toBe(true);
    expect(await isSecretOf(b.secret, a.hash)).toBe(false);
    expect(await isSecretOf(a.secret, null)).toBe(false);
    expect(await isSecretOf(a.hash, a.hash)).toBe(false);
  });
});
