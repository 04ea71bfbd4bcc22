import { hashServiceSecret, type LatchkeyOptions, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { expect, test } from "vitest";
import { billing, makeOptions, origin, secrets } from "../../support/oauth.ts";

const hash = await hashServiceSecret(secrets.orders);

async function misuse(options: Partial<LatchkeyOptions>): Promise<string> {
  const all = { ...(await makeOptions(memoryStore())), ...options };
  try {
    latchkey(all);
  } catch (error) {
    return String(error);
  }
  return "accepted";
}

function service(more: object): Partial<LatchkeyOptions> {
  return { services: { orders: { secretHash: hash, ...more } } };
}

test("the options of the stage are accepted", async () => {
  expect(await misuse({})).toBe("accepted");
  expect(await misuse({ audiences: {}, services: {} })).toBe("accepted");
});

const wrong: [what: string, options: Partial<LatchkeyOptions>, message: RegExp][] = [
  ["an audience that is this server", { audiences: { [origin]: {} } }, /this server itself/],
  ["an audience that is the issuer", { audiences: { [`${origin}/api/auth`]: {} } }, /this server itself/],
  ["an audience with a space", { audiences: { "two words": {} } }, /audiences/],
  ["an audience that outlives our tokens", { audiences: { [billing]: { expiresIn: 901 } } }, /expiresIn/],
  ["a life of no seconds", { audiences: { [billing]: { expiresIn: 0 } } }, /expiresIn/],
  ["half a second", { audiences: { [billing]: { expiresIn: 1.5 } } }, /expiresIn/],
  ["a scope with a space", { audiences: { [billing]: { scopes: ["a b"] } } }, /scopes/],
  ["an empty scope", { audiences: { [billing]: { scopes: [""] } } }, /scopes/],
  ["an unknown member", { audiences: { [billing]: { scope: ["a"] } as object } }, /no such option/],
  ["a service without a secret", { services: { orders: {} as { secretHash: string } } }, /secretHash/],
  ["no hash in the list", service({ secretHash: [] }), /secretHash/],
  ["a secret where its hash should be", service({ secretHash: "hunter2" }), /services/],
  ["a hash in another spelling", service({ secretHash: `${hash.slice(0, -1)}B` }), /services/],
  ["a service named as a client", { services: { app: { secretHash: hash } } }, /a client has this name/],
  ["a service with a colon", { services: { "a:b": { secretHash: hash } } }, /services/],
  ["an audience nobody configured", service({ audiences: ["https://other.example"] }), /not among/],
  ["an audience of its prototype", service({ audiences: ["constructor"] }), /not among/],
];

test.each(wrong)("misuse: %s", async (_, options, message) => {
  const said = await misuse(options);
  expect(said).toMatch(message);
  expect(said, "no value of a secret's place is shown").not.toContain("hunter2");
});

test("an audience's tokens live 300 seconds, and never longer than our own", async () => {
  expect(await misuse({ access: { expiresIn: 120 }, audiences: { [billing]: {} } })).toMatch("accepted");
  expect(await misuse({ access: { expiresIn: 120 }, audiences: { [billing]: { expiresIn: 121 } } })).toMatch(
    /more than access.expiresIn \(120\)/,
  );
});

test("only secrets with room for 32 random bytes are hashed", async () => {
  await expect(hashServiceSecret("short")).rejects.toThrow(/5 characters are too few/);
  await expect(hashServiceSecret("x".repeat(42))).rejects.toThrow(/misuse|too few/);
  // SHA-256 of "abc…": a known answer, so that hashes made elsewhere (openssl dgst -sha256 -binary | basenc) fit.
  expect(await hashServiceSecret("abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG")).toBe(
    "fR4ifSAEy-7Mu6g7FHZulPKrtjqdAnUCwRFAJt2JFsA",
  );
});
