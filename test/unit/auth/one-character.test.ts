import fc from "fast-check";
import type { KeyAlgorithm, RequestLike, StrategyName, Transport } from "latchkey";
import { beforeAll, describe, expect, test } from "vitest";
import { bearerRequest, cookieRequest, makeRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, type Stage, signUp } from "../../support/stage.ts";

/** A header as it is sent, and the pattern of all its spellings that mean the same to everybody. */
interface Sent {
  readonly line: string;
  readonly same: RegExp;
  readonly request: (line: string) => RequestLike;
}

const kinds: readonly (readonly [name: string, strategy: StrategyName, algorithm: KeyAlgorithm])[] = [
  ["a session token", "session", "EdDSA"],
  ["an EdDSA token", "jwt", "EdDSA"],
  ["an HS256 token", "jwt", "HS256"],
];
const cases = kinds.flatMap(([name, strategy, algorithm]) =>
  (["cookie", "bearer"] as const).map((transport) => [name, transport, strategy, algorithm] as const),
);

/** Printable ASCII and what else a header line can carry: tab, and Latin-1 above its control characters. */
const character = fc
  .oneof(fc.integer({ min: 0x20, max: 0x7e }), fc.constant(0x09), fc.integer({ min: 0xa0, max: 0xff }))
  .map((code) => String.fromCharCode(code));
const change = fc.constantFrom("replace", "insert", "delete");

describe.each(cases)("%s by %s", (_, transport, strategy, algorithm) => {
  let stage: Stage;
  let sent: Sent;

  beforeAll(async () => {
    stage = makeStage({ clients: { app: { transport, strategy } }, keys: { algorithm } });
    await stage.auth.start();
    sent = makeSent(transport, credentialOf(await signUp(stage.auth, "ada@example.com")));
    expect(await stage.auth.authenticate(sent.request(sent.line))).toHaveProperty("ok", true);
  });

  test("is refused with one character of its header changed, put in or left out, without asking the store", async () => {
    const place = fc.nat({ max: sent.line.length });
    const refused = fc.asyncProperty(place, change, character, async (at, how, one) => {
      const line = changed(sent.line, at, how, one);
      fc.pre(!sent.same.test(line));
      stage.calls.length = 0;
      const result = await stage.auth.authenticate(sent.request(line));
      expect(result).toEqual({ ok: false, code: expect.stringMatching(/^credential_(invalid|missing)$/) });
      if (!result.ok && result.code === "credential_missing") expect(at).toBeLessThan(nameLength(sent.line));
      expect(stage.calls).toEqual([]);
    });
    await fc.assert(refused, { numRuns: 3000 });
  });

  test("is refused with any one character of the credential replaced", async () => {
    const from = sent.line.search(/lks_|eyJ/);
    stage.calls.length = 0;
    for (let at = from; at < sent.line.length; at++) {
      for (const one of ["A", "B", "-", ".", "=", " ", "é"]) {
        if (sent.line[at] === one) continue;
        const line = changed(sent.line, at, "replace", one);
        if (sent.same.test(line)) continue;
        const result = await stage.auth.authenticate(sent.request(line));
        expect(result, `${one} at ${at}`).toEqual({ ok: false, code: "credential_invalid" });
      }
    }
    expect(stage.calls).toEqual([]);
  });

  test("is refused in another case", async () => {
    const from = sent.line.search(/lks_|eyJ/);
    for (const other of [sent.line.slice(from).toUpperCase(), sent.line.slice(from).toLowerCase()]) {
      const result = await stage.auth.authenticate(sent.request(sent.line.slice(0, from) + other));
      expect(result).toEqual({ ok: false, code: "credential_invalid" });
    }
  });
});

function makeSent(transport: Transport, credential: string): Sent {
  if (transport === "bearer") {
    const same = new RegExp(`^bearer +${escapeRegExp(credential)}$`, "i");
    return { line: `Bearer ${credential}`, same, request: (line) => makeRequest({ authorization: line }) };
  }
  const [name = "", value = ""] = credential.split(/=(.*)/s);
  // Space and tab around a name or value, and an empty cookie before or behind it, are no part of it (RFC 6265).
  const same = new RegExp(`^;?[ \\t]*${escapeRegExp(name)}[ \\t]*=[ \\t]*${escapeRegExp(value)}[ \\t]*;?$`);
  return { line: credential, same, request: cookieRequest };
}

/** How much of the line says that there is a credential of ours at all, with the character that ends it. */
function nameLength(line: string): number {
  return line.search(/lks_|eyJ/);
}

function changed(line: string, at: number, how: "replace" | "insert" | "delete", one: string): string {
  if (how === "insert") return line.slice(0, at) + one + line.slice(at);
  return line.slice(0, at) + (how === "replace" ? one : "") + line.slice(at + 1);
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

describe("whole parts of good tokens", () => {
  test("of two sessions, mixed in any way, are refused without asking the store", async () => {
    const { auth, calls } = makeStage({ clients: { app: { transport: "bearer", strategy: "session" } } });
    const tokens = [
      credentialOf(await signUp(auth, "ada@example.com")).split("."),
      credentialOf(await signUp(auth, "bob@example.com")).split("."),
    ] as const;
    calls.length = 0;
    for (const from of ["001", "010", "011", "100", "101", "110"]) {
      const mixed = [...from].map((which, part) => tokens[which === "0" ? 0 : 1][part]).join(".");
      expect(await auth.authenticate(bearerRequest(mixed)), from).toEqual({
        ok: false,
        code: "credential_invalid",
      });
    }
    expect(calls).toEqual([]);
  });

  test.each([
    ["session", "EdDSA"],
    ["jwt", "EdDSA"],
    ["jwt", "HS256"],
  ] as const)(
    "a %s token (%s) of another latchkey() with the same secret is refused",
    async (strategy, algorithm) => {
      const options = { clients: { app: { transport: "bearer", strategy } }, keys: { algorithm } } as const;
      const [mine, theirs] = [makeStage(options), makeStage(options)];
      await mine.auth.start();
      const token = credentialOf(await signUp(theirs.auth, "ada@example.com"));
      mine.calls.length = 0;
      expect(await mine.auth.authenticate(bearerRequest(token))).toEqual({
        ok: false,
        code: "credential_invalid",
      });
      expect(mine.calls).toEqual([]);
    },
  );
});
