import { beforeAll, describe, expect, test } from "vitest";
import { checkAccessToken } from "../../../packages/latchkey/src/token/access.ts";
import type { Keyring } from "../../../packages/latchkey/src/token/keyring.ts";
import {
  audience,
  issuedAt,
  issuer,
  makeCheck,
  makeClaims,
  makeKeyring,
  signerOf,
  signPayload,
} from "../../support/access-tokens.ts";

const good = JSON.stringify(makeClaims());
let keyring: Keyring;

beforeAll(async () => {
  keyring = await makeKeyring("HS256");
});

/** The verdict on a payload that carries our own signature. */
async function verdict(payload: string | Uint8Array): Promise<unknown> {
  const checked = await checkAccessToken(makeCheck(keyring), await signPayload(signerOf(keyring), payload));
  if (checked === undefined) return "credential_invalid";
  return checked.expired ? "access_expired" : "accepted";
}

/** Our payload with one piece of its text replaced, which must be there. */
function edited(from: string, to: string): string {
  expect(good.split(from)).toHaveLength(2);
  return good.replace(from, () => to);
}

/** Our payload with a member set; undefined removes it. */
function having(member: string, value: unknown): string {
  return JSON.stringify({ ...makeClaims(), [member]: value });
}

test("our own payload is accepted: what follows fails for its difference", async () => {
  expect(await verdict(good)).toBe("accepted");
});

describe("with our signature, but no JSON object in our spelling:", () => {
  test.each<[name: string, payload: () => string | Uint8Array]>([
    ["an array", () => `[${good}]`],
    ["an empty array", () => "[]"],
    ["null", () => "null"],
    ["a number", () => "1"],
    ["true", () => "true"],
    ["a string", () => JSON.stringify(good)],
    ["nothing", () => ""],
    ["an empty object", () => "{}"],
    ["no JSON", () => "claims"],
    ["a cut object", () => good.slice(0, -1)],
    ["two objects", () => good + good],
    ["a space before", () => ` ${good}`],
    ["a newline behind", () => `${good}\n`],
    ["a space after a colon", () => edited('"sub":', '"sub": ')],
    ["indentation", () => JSON.stringify(makeClaims(), null, 1)],
    ["a byte order mark", () => `\ufeff${good}`],
    ["an escaped character", () => edited('"sub":"user-1"', '"sub":"\\u0075ser-1"')],
    ["an escaped slash", () => edited(`"aud":"${audience}"`, `"aud":"${audience.replaceAll("/", "\\/")}"`)],
    ["sub twice, the same", () => edited('"sub":"user-1"', '"sub":"user-1","sub":"user-1"')],
    ["sub twice, another one first", () => edited('"sub":"user-1"', '"sub":"root","sub":"user-1"')],
    ["sub twice, another one last", () => edited("{", '{"sub":"root",')],
    ["exp twice", () => edited("}", `,"exp":${issuedAt + 900}}`)],
    ["roles twice", () => edited('"roles":["editor"]', '"roles":["admin"],"roles":["editor"]')],
    ["a member twice that nobody asks for", () => edited("}", ',"x":1,"x":1}')],
    ["invalid UTF-8 in a text", () => Buffer.from(edited("user-1", "user-\xff"), "latin1")],
    ["a cut UTF-8 sequence", () => Buffer.from(edited("user-1", "user-\xc3"), "latin1")],
    ["an overlong UTF-8 sequence", () => Buffer.from(edited("user-1", "user-\xc0\xb1"), "latin1")],
    ["UTF-16", () => Buffer.from(good, "utf16le")],
  ])("%s", async (_, payload) => {
    expect(await verdict(payload())).toBe("credential_invalid");
  });
});

describe("with our signature, but dates that are none:", () => {
  const exp = `"exp":${issuedAt + 900}`;

  test.each([
    ["1e400, which is Infinity", "1e400"],
    ["-1e400", "-1e400"],
    ["a string", `"${issuedAt + 900}"`],
    ["milliseconds", String((issuedAt + 900) * 1000)],
    ["negative", "-1"],
    ["negative zero", "-0"],
    ["a fraction", `${issuedAt + 900}.5`],
    ["a fraction of zero", `${issuedAt + 900}.0`],
    ["an exponent", "18e8"],
    ["one above 2^33", String(2 ** 33 + 1)],
    ["2^53", String(2 ** 53)],
    ["null", "null"],
    ["true", "true"],
    ["an array", `[${issuedAt + 900}]`],
    ["an object", "{}"],
    ["an ISO date", '"2027-01-15T08:15:00Z"'],
  ])("exp %s", async (_, value) => {
    expect(await verdict(edited(exp, `"exp":${value}`))).toBe("credential_invalid");
  });

  test("exp of 2^33 is the last that passes", async () => {
    expect(await verdict(having("exp", 2 ** 33))).toBe("accepted");
  });

  test.each(["iat", "auth_time"])("%s of the same kinds", async (member) => {
    for (const value of ["1e400", `"${issuedAt}"`, String(issuedAt * 1000), "-1", `${issuedAt}.5`, "null"]) {
      const payload = edited(`"${member}":${issuedAt}`, `"${member}":${value}`);
      expect(await verdict(payload), value).toBe("credential_invalid");
    }
  });
});

describe("with our signature, but without a claim or with one of another type:", () => {
  const members = Object.keys(makeClaims());

  test.each(members)("no %s", async (member) => {
    expect(await verdict(having(member, undefined))).toBe("credential_invalid");
  });

  test.each(members)("%s null", async (member) => {
    expect(await verdict(having(member, null))).toBe("credential_invalid");
  });

  test.each(["iss", "aud", "sub", "client_id", "jti", "sid"])(
    "%s empty, a number, a list or an object",
    async (member) => {
      for (const value of ["", 1, true, [], ["a"], {}, [makeClaims()[member as "sub"]]]) {
        expect(await verdict(having(member, value)), JSON.stringify(value)).toBe("credential_invalid");
      }
    },
  );

  test.each([
    ["iss", `${issuer}/`],
    ["iss", issuer.toUpperCase()],
    ["iss", "https://evil.example/api/auth"],
    ["iss", audience],
    ["aud", `${audience}/`],
    ["aud", "https://other.example"],
    ["aud", issuer],
    ["aud", [audience]],
    ["aud", [audience, "https://other.example"]],
    ["roles", "admin"],
    ["roles", { 0: "admin" }],
    ["roles", [1]],
    ["roles", [["admin"]]],
    ["roles", [""]],
    ["roles", [null]],
    ["amr", "pwd"],
    ["amr", [1]],
    ["ver", "3"],
    ["ver", -1],
    ["ver", 1.5],
    ["ver", 2 ** 53],
    ["epo", []],
    ["epo", [0, 1]],
    ["epo", [0, 1, 0, 0]],
    ["epo", [0, "1", 0]],
    ["epo", [0, -1, 0]],
    ["epo", [0, 1.5, 0]],
    ["epo", [0, null, 0]],
    ["epo", "0,1,0"],
    ["epo", { 0: 0, 1: 1, 2: 0, length: 3 }],
  ])("%s %j", async (member, value) => {
    expect(await verdict(having(member, value))).toBe("credential_invalid");
  });
});
