import { createHmac, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { checkAccessToken } from "../../../packages/latchkey/src/token/access.ts";
import type { Keyring } from "../../../packages/latchkey/src/token/keyring.ts";
import {
  makeCheck,
  makeClaims,
  makeKeyring,
  segment,
  signerOf,
  signPayload,
} from "../../support/access-tokens.ts";

const claims = JSON.stringify(makeClaims());
let keyring: Keyring;
let kid: string;

beforeAll(async () => {
  keyring = await makeKeyring("EdDSA");
  kid = signerOf(keyring).id;
});

function check(token: string): unknown {
  return checkAccessToken(makeCheck(keyring), token);
}

/** A token with that header and our claims, its signature made over exactly these by our own key. */
function signUnder(header: string): Promise<string> {
  return signPayload({ header: segment(header), key: signerOf(keyring).key }, claims);
}

test("the header of our tokens passes: what follows fails for its difference", async () => {
  expect(await check(await signUnder(`{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}"}`))).toHaveProperty(
    "kind",
  );
});

describe("signed by us, but under a header that is not ours:", () => {
  test.each<[name: string, header: (kid: string) => string]>([
    ["members in another order", (id) => `{"typ":"at+jwt","alg":"EdDSA","kid":"${id}"}`],
    ["a space", (id) => `{"alg":"EdDSA", "typ":"at+jwt","kid":"${id}"}`],
    ["a newline behind", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}"}\n`],
    ["a byte order mark", (id) => `\ufeff{"alg":"EdDSA","typ":"at+jwt","kid":"${id}"}`],
    ["an escape", (id) => `{"alg":"Ed\\u0044SA","typ":"at+jwt","kid":"${id}"}`],
    ["alg twice, good one last", (id) => `{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"${id}"}`],
    ["alg twice, good one first", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","alg":"none"}`],
    ["crit", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","crit":["exp"]}`],
    ["b64", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","b64":false,"crit":["b64"]}`],
    ["jwk", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","jwk":{"kty":"OKP"}}`],
    ["jku", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","jku":"https://evil.example/jwks"}`],
    ["x5u", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","x5u":"https://evil.example/x5u"}`],
    ["x5c", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","x5c":["AAAA"]}`],
    ["zip", (id) => `{"alg":"EdDSA","typ":"at+jwt","kid":"${id}","zip":"DEF"}`],
    ["typ JWT", (id) => `{"alg":"EdDSA","typ":"JWT","kid":"${id}"}`],
    ["typ at+JWT", (id) => `{"alg":"EdDSA","typ":"at+JWT","kid":"${id}"}`],
    ["typ application/at+jwt", (id) => `{"alg":"EdDSA","typ":"application/at+jwt","kid":"${id}"}`],
    ["no typ", (id) => `{"alg":"EdDSA","kid":"${id}"}`],
    ["no kid", () => '{"alg":"EdDSA","typ":"at+jwt"}'],
    ["an unknown kid", () => `{"alg":"EdDSA","typ":"at+jwt","kid":"${"A".repeat(22)}"}`],
    ["a kid that is a path", () => '{"alg":"EdDSA","typ":"at+jwt","kid":"../../dev/null"}'],
    ["a kid that is SQL", () => `{"alg":"EdDSA","typ":"at+jwt","kid":"' OR 1=1 --"}`],
    ["a kid of another type", () => '{"alg":"EdDSA","typ":"at+jwt","kid":[]}'],
    ["alg none", (id) => `{"alg":"none","typ":"at+jwt","kid":"${id}"}`],
    ["alg nOnE", (id) => `{"alg":"nOnE","typ":"at+jwt","kid":"${id}"}`],
    ["alg Ed25519", (id) => `{"alg":"Ed25519","typ":"at+jwt","kid":"${id}"}`],
    ["alg HS256", (id) => `{"alg":"HS256","typ":"at+jwt","kid":"${id}"}`],
    ["no alg", (id) => `{"typ":"at+jwt","kid":"${id}"}`],
    ["an array", () => "[]"],
    ["null", () => "null"],
    ["no JSON", () => "not json"],
    ["nothing", () => ""],
  ])("%s", async (_, header) => {
    expect(await check(await signUnder(header(kid)))).toBeUndefined();
  });
});

describe("signed by somebody else:", () => {
  test("alg none without a signature, or with any", async () => {
    for (const alg of ["none", "None", "NONE", "nOnE"]) {
      const input = `${segment(`{"alg":"${alg}","typ":"at+jwt","kid":"${kid}"}`)}.${segment(claims)}`;
      expect(await check(`${input}.`)).toBeUndefined();
      expect(await check(`${input}.AAAA`)).toBeUndefined();
    }
  });

  test("our own header, and no, an empty or an all-zero signature", async () => {
    const input = `${signerOf(keyring).header}.${segment(claims)}`;
    for (const signature of ["", "A", "AA", "A".repeat(86)]) {
      expect(await check(`${input}.${signature}`)).toBeUndefined();
    }
  });

  test("HS256 with the public key as its secret, in every form it is published or written in", async () => {
    const jwk = keyring.jwks.keys[0] ?? {};
    const publicKey = createPublicKey({ key: { ...jwk }, format: "jwk" });
    const der = publicKey.export({ format: "der", type: "spki" });
    const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
    const forms: (string | Buffer)[] = [
      ...[pem, pem.trim(), pem.replaceAll("\n", "\r\n"), pem.replaceAll("\n", "\\n"), ` ${pem}`],
      ...[pem.replaceAll("PUBLIC KEY", "RSA PUBLIC KEY"), pem.split("\n")[1] ?? ""],
      ...[der, der.toString("base64"), der.toString("base64url"), der.toString("hex")],
      ...[JSON.stringify(jwk), JSON.stringify({ keys: [jwk] }), JSON.stringify(jwk, null, 2)],
      ...[
        jwk.x ?? "",
        Buffer.from(jwk.x ?? "", "base64url"),
        kid,
        "",
        "null",
        "undefined",
        "[object Object]",
      ],
    ];
    for (const secret of forms) {
      for (const header of [
        `{"alg":"HS256","typ":"at+jwt","kid":"${kid}"}`,
        `{"alg":"HS256","typ":"at+jwt"}`,
        `{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}"}`,
      ]) {
        const input = `${segment(header)}.${segment(claims)}`;
        const mac = createHmac("sha256", secret).update(input).digest("base64url");
        expect(await check(`${input}.${mac}`)).toBeUndefined();
      }
    }
  });

  test("HS256 with the secret of our session tokens", async () => {
    const [sessionKey] = keyring.macs.session;
    const input = `${segment(`{"alg":"HS256","typ":"at+jwt","kid":"${kid}"}`)}.${segment(claims)}`;
    expect(await check(`${input}.${await sessionKey?.mac(input)}`)).toBeUndefined();
  });

  test("ES256 with r and s zero (psychic signatures, CVE-2022-21449)", async () => {
    const zeros = "A".repeat(86);
    const der = Buffer.from("3006020100020100", "hex").toString("base64url");
    for (const alg of ["ES256", "EdDSA"]) {
      const input = `${segment(`{"alg":"${alg}","typ":"at+jwt","kid":"${kid}"}`)}.${segment(claims)}`;
      for (const signature of [zeros, der, "MAYCAQACAQA"]) {
        expect(await check(`${input}.${signature}`)).toBeUndefined();
      }
    }
  });

  test("an Ed25519 key of their own, under our header, also with the key in it", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ed25519");
    const theirs = JSON.stringify(publicKey.export({ format: "jwk" }));
    for (const header of [
      `{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}"}`,
      `{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}","jwk":${theirs}}`,
    ]) {
      const input = `${segment(header)}.${segment(claims)}`;
      const signature = sign(null, Buffer.from(input), privateKey).toString("base64url");
      expect(await check(`${input}.${signature}`)).toBeUndefined();
    }
  });

  test("an HS256 key of no length", async () => {
    const hs256 = await makeKeyring("HS256");
    const input = `${signerOf(hs256).header}.${segment(claims)}`;
    const mac = createHmac("sha256", "").update(input).digest("base64url");
    expect(await checkAccessToken(makeCheck(hs256), `${input}.${mac}`)).toBeUndefined();
    const unknown = `${segment('{"alg":"HS256","typ":"at+jwt","kid":"nobody"}')}.${segment(claims)}`;
    const empty = createHmac("sha256", "").update(unknown).digest("base64url");
    expect(await checkAccessToken(makeCheck(hs256), `${unknown}.${empty}`)).toBeUndefined();
  });
});
