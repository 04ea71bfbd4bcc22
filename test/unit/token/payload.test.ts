import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeReadPayload } from "../../../packages/latchkey/src/token/signed/payload.ts";
import { segment } from "../../support/access-tokens.ts";

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
