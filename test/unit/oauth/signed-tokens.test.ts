import { beforeAll, describe, expect, test } from "vitest";
import { checkAccessToken } from "../../../packages/latchkey/src/token/access.ts";
import type { Keyring } from "../../../packages/latchkey/src/token/keyring.ts";
import {
  type AudienceCheck,
  checkExchangedToken,
} from "../../../packages/latchkey/src/token/signed/exchanged.ts";
import { signJwt } from "../../../packages/latchkey/src/token/signed/jws.ts";
import { checkServiceToken, makeServiceToken } from "../../../packages/latchkey/src/token/signed/service.ts";
import {
  audience,
  issuedAt,
  issuer,
  makeCheck,
  makeClaims,
  makeKeyring,
} from "../../support/access-tokens.ts";

const third = "https://third.example";

let keyring: Keyring;
let check: AudienceCheck;

beforeAll(async () => {
  keyring = await makeKeyring("EdDSA");
  const now = (issuedAt + 60) * 1000;
  check = { keys: keyring.access, issuer, now, audiences: new Set([third]) };
});

const common = { iss: issuer, aud: third, iat: issuedAt, exp: issuedAt + 300, jti: "token-1", scope: "a b" };
const exchanged = {
  ...common,
  sub: "user-1",
  client_id: "mobile",
  sid: "AAAAAAAAAAAAAAAAAAAAAA",
  epo: [0, 1, 2],
};
const service = { ...common, sub: "orders", client_id: "orders", epo: [0] };

function sign(claims: object): Promise<string> {
  return signJwt(keyring.signer(issuedAt * 1000), claims);
}

async function kindsOf(claims: object): Promise<string[]> {
  const token = await sign(claims);
  const own = { ...makeCheck(keyring), audience: third };
  const kinds = {
    exchanged: await checkExchangedToken(check, token),
    service: await checkServiceToken(check, token),
    access: (await checkAccessToken(makeCheck(keyring), token)) ?? (await checkAccessToken(own, token)),
  };
  return Object.entries(kinds).flatMap(([kind, found]) => (found === undefined ? [] : [kind]));
}

test("each is of one kind only", async () => {
  expect(await kindsOf(exchanged)).toEqual(["exchanged"]);
  expect(await kindsOf({ ...exchanged, epo: [0, 1], act: { sub: "orders" } })).toEqual(["exchanged"]);
  expect(await kindsOf(service)).toEqual(["service"]);
  expect(await kindsOf(makeClaims({ aud: audience }))).toEqual(["access"]);
});

test("what makeServiceToken makes is one", async () => {
  const { value, claims } = await makeServiceToken(keyring.signer(issuedAt * 1000), {
    issuer,
    audience: third,
    service: "orders",
    scopes: ["a", "b"],
    globalEpoch: 3,
    now: issuedAt * 1000 + 999,
    expiresIn: 300,
  });
  expect(claims).toEqual({ ...service, jti: expect.stringMatching(/^[\w-]{22}$/), epo: [3] });
  expect(await checkServiceToken(check, value)).toEqual({ claims, expired: false });
});

test("expired is told, at the very second", async () => {
  const token = await sign(exchanged);
  const at = (seconds: number) => checkExchangedToken({ ...check, now: seconds * 1000 }, token);
  expect([(await at(issuedAt + 299))?.expired, (await at(issuedAt + 300))?.expired]).toEqual([false, true]);
  const own = await sign(service);
  const later = { ...check, now: (issuedAt + 300) * 1000 };
  expect((await checkServiceToken(later, own))?.expired).toBe(true);
});

const wrong: [member: string, value: unknown][] = [
  ["iss", "https://elsewhere.example/api/auth"],
  ["aud", "https://fourth.example"],
  ["aud", [third]],
  ["aud", undefined],
  ["sub", undefined],
  ["sub", ""],
  ["client_id", undefined],
  ["iat", undefined],
  ["iat", 1.5],
  ["exp", undefined],
  ["exp", 2 ** 34],
  ["exp", "1800000300"],
  ["jti", undefined],
  ["scope", ""],
  ["scope", ["a"]],
  ["epo", undefined],
  ["epo", []],
  ["epo", [0, 1, 2, 3]],
  ["epo", [-1]],
  ["epo", "0"],
];

describe.each([
  ["exchanged", exchanged],
  ["service", service],
] as const)("%s", (kind, claims) => {
  test.each(wrong)("not with %s: %j", async (member, value) => {
    expect(await kindsOf({ ...claims, [member]: value })).not.toContain(kind);
  });
});

test.each([
  ["an actor that is a text", { ...exchanged, act: "orders" }],
  ["an actor without name", { ...exchanged, act: {} }],
  ["no session", { ...exchanged, sid: undefined }],
  ["a session of a service", { ...service, sid: "AAAAAAAAAAAAAAAAAAAAAA" }],
  ["a service that is not itself", { ...service, sub: "user-1" }],
  ["a user's epochs of a service", { ...service, epo: [0, 1] }],
  ["one epoch of a user", { ...exchanged, epo: [0] }],
])("neither: %s", async (_, claims) => {
  expect(await kindsOf(claims)).toEqual([]);
});

test("a key that was retired vouches for neither", async () => {
  const retired = new Map(
    [...keyring.access].map(([header, key]) => [header, { ...key, retiresAt: check.now }]),
  );
  expect(await checkExchangedToken({ ...check, keys: retired }, await sign(exchanged))).toBeUndefined();
  expect(await checkServiceToken({ ...check, keys: retired }, await sign(service))).toBeUndefined();
});
