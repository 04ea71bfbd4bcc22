import fc from "fast-check";
import { latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, it } from "vitest";
import { readAccessLayout } from "../../../packages/latchkey/src/token/access-layout.ts";
import { makeReadPayload } from "../../../packages/latchkey/src/token/signed/payload.ts";
import { makeClaims, segment } from "../../support/access-tokens.ts";
import { plainHasher } from "../../support/plain-hasher.ts";

const ways = { "with Buffer": makeReadPayload(Buffer), without: makeReadPayload(undefined) };
const plain = segment('{"a":"éè€😀","b":[1,{"c":null}]}');

describe.each(Object.entries(ways))("%s", (_, read) => {
  it("reads what is written in the one way", () => {
    expect(read(plain)).toEqual({ a: "éè€😀", b: [1, { c: null }] });
    expect(read(segment('{"a":"\ufffd"}'))).toEqual({ a: "\ufffd" });
  });

  it.each([
    ["a list", segment("[1]")],
    ["no JSON", segment("{a:1}")],
    ["nothing", ""],
    ["white space", segment('{"a": 1}')],
    ["a member twice", segment('{"a":1,"a":1}')],
    ["no number", segment('{"a":1e400}')],
    ["a byte order mark", segment('\ufeff{"a":1}')],
    ["padding", `${segment('{"ab":1}')}=`],
    ["the other alphabet", segment('{"a":"~~~???"}').replaceAll("-", "+").replaceAll("_", "/")],
    ["spare bits", segment('{"a":12}').replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1))],
    ["a space in between", `${plain.slice(0, 8)} ${plain.slice(8)}`],
    ["half a character", segment(Uint8Array.from([...Buffer.from('{"a":"'), 0xf0, 0x9f, 0x98, 0x22, 0x7d]))],
  ])("refuses %s", (_name, payload) => {
    expect(read(payload)).toBeUndefined();
  });
});

it("both ways agree", () => {
  const bytes = fc.uint8Array({ maxLength: 40 });
  const anything = fc.oneof(
    fc.string(),
    bytes.map(segment),
    fc.object().map((it) => segment(JSON.stringify(it))),
  );
  fc.assert(
    fc.property(anything, (payload) => {
      expect(ways["with Buffer"](payload)).toEqual(ways.without(payload));
    }),
  );
});

describe("the layout of an access token", () => {
  const read = makeReadPayload(Buffer);
  const written = JSON.stringify(makeClaims());

  it.each([
    ["with a session", { strategy: "jwt-live" }],
    ["without one", { strategy: "jwt", refresh: false }],
  ] as const)("is that of the tokens we make %s", async (_, client) => {
    const auth = latchkey({
      secret: "a secret for tests, of more than 32 characters",
      store: memoryStore(),
      clients: { mobile: { transport: "bearer", ...client } },
      passwords: { hasher: plainHasher() },
    });
    const wanted = { email: "ada@example.com", password: "correct horse battery", client: "mobile" };
    const answer = await auth.api.signUpEmail(wanted);
    const token = answer.ok && "accessToken" in answer.credentials ? answer.credentials.accessToken : "";
    const payload = Buffer.from(token.split(".")[1] ?? "", "base64url").toString();
    expect(readAccessLayout(payload)).toEqual(JSON.parse(payload));
    await auth.close();
  });

  it("says what JSON says, and has one spelling", () => {
    const odd = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(...'\\"é\ufffd\u007f,[]{}') });
    const text = fc.oneof(
      { weight: 60, arbitrary: fc.constantFrom("a", "a b", "http://a/~", ",", "[]") },
      odd,
    );
    const count = fc.oneof(
      { weight: 60, arbitrary: fc.nat() },
      fc.constantFrom(-1, 1.5, 1e15, 2 ** 53, 1e21),
    );
    const claims = fc.record({
      ...{ iss: text, aud: text, sub: text, client_id: text, iat: count, exp: count, jti: text, sid: text },
      ...{ auth_time: count, amr: fc.array(text), roles: fc.array(text), ver: count },
      epo: fc.oneof({ weight: 9, arbitrary: fc.tuple(count, count, count) }, fc.array(count)),
    });
    const change = fc.record({
      at: fc.nat(300),
      cut: fc.nat(2),
      put: fc.constantFrom("", "", "", '"', ",", " ", "0", "\\"),
    });
    const cases = fc.tuple(claims, change).map(([value, { at, cut, put }]) => {
      const whole = JSON.stringify(value);
      return whole.slice(0, at) + put + whole.slice(at + (put === "" ? 0 : cut));
    });
    let met = 0;
    fc.assert(
      fc.property(cases, (changed) => {
        const members = readAccessLayout(changed);
        if (members === undefined) return;
        met += 1;
        expect(JSON.parse(changed)).toEqual(members);
        expect(JSON.stringify(JSON.parse(changed))).toBe(changed);
      }),
      { numRuns: 3000 },
    );
    expect(met).toBeGreaterThan(300);
  });

  it("has one spelling in base64url: both ways agree on what one of another is", () => {
    const change = fc.record({
      at: fc.nat(500),
      cut: fc.nat(2),
      put: fc.oneof(
        fc.constantFrom(
          "",
          "=",
          "==",
          "+",
          "/",
          " ",
          "\n",
          "A",
          "-",
          "\u0141",
          "\u0100",
          "\u00c1",
          "\u{1f600}",
        ),
        fc.string({ maxLength: 2 }),
      ),
    });
    const padding = fc.constantFrom("", "1", "12");
    fc.assert(
      fc.property(padding, fc.array(change, { maxLength: 2 }), (sub, changes) => {
        const canonical = segment(JSON.stringify(makeClaims({ sub: `user-${sub}` })));
        let payload = canonical;
        for (const { at, cut, put } of changes) {
          const from = at % (payload.length + 1);
          payload = payload.slice(0, from) + put + payload.slice(from + cut);
        }
        const members = read(payload, readAccessLayout);
        expect(members === undefined).toBe(ways.without(payload) === undefined);
        if (payload === canonical) expect(members).toBeDefined();
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ["-", "+"],
    ["_", "/"],
  ])("is refused in the other alphabet: %s as %s", (character, other) => {
    const payload = segment(JSON.stringify(makeClaims({ sub: "~~~~~~???????" })));
    expect(payload).toContain(character);
    expect(read(payload, readAccessLayout)).toBeDefined();
    expect(read(payload.replaceAll(character, other), readAccessLayout)).toBeUndefined();
  });

  it("is read in one place: nothing of a longer one before stays behind", () => {
    const long = segment(JSON.stringify(makeClaims({ sub: "u".repeat(500) })));
    const short = segment(JSON.stringify(makeClaims()));
    const first = read(short, readAccessLayout);
    expect(read(long, readAccessLayout)?.sub).toBe("u".repeat(500));
    expect(read(short, readAccessLayout)).toEqual(first);
    expect(first?.sub).toBe(makeClaims().sub);
    expect(read(segment(JSON.stringify({ a: "a".repeat(5000) })))).toEqual({ a: "a".repeat(5000) });
  });

  it.each([
    ["padding", (payload: string) => `${payload}=`],
    ["a space in between", (payload: string) => `${payload.slice(0, 8)} ${payload.slice(8)}`],
    [
      "spare bits",
      (payload: string) => payload.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
    ],
  ])("is refused with %s", (_, spell) => {
    // Of a length that leaves bits to spare.
    const claims = written.length % 3 === 0 ? { sub: "user-12" } : {};
    const payload = segment(JSON.stringify(makeClaims(claims)));
    expect(read(payload, readAccessLayout)).toEqual(makeClaims(claims));
    expect(read(spell(payload), readAccessLayout)).toBeUndefined();
  });
});
