import { describe, expect, test } from "vitest";
import { decodeBase64url } from "../../../packages/latchkey/src/lib/base64url.ts";
import { hs256Key } from "../../../packages/latchkey/src/lib/crypto/hs256.ts";
import { checkAccessToken } from "../../../packages/latchkey/src/token/access.ts";
import type { AccessKey } from "../../../packages/latchkey/src/token/signed/jws.ts";

/** RFC 7515, appendix A.1, which is the JWT of RFC 7519, section 3.1. */
const header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
const payload =
  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const signature = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const jwk = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

const key = await hs256Key(decodeBase64url(jwk) ?? new Uint8Array());
const check = { issuer: "joe", audience: "https://app.example", now: 0 };
const ours: AccessKey = {
  id: "a1",
  algorithm: "HS256",
  header: "our-header",
  key,
  activatesAt: 0,
  retiresAt: null,
};

describe("the example of RFC 7515, appendix A.1 and RFC 7519, section 3.1", () => {
  test("has the signature that our HS256 makes and verifies", async () => {
    expect(await key.sign(`${header}.${payload}`)).toBe(signature);
    expect(await key.verifySignature(`${header}.${payload}`, signature)).toBe(true);
  });

  test.each([
    ["padding", `${signature}=`],
    ["unused bits that are set", `${signature.slice(0, -1)}l`],
    ["a newline behind", `${signature}\n`],
    ["another character", `e${signature.slice(1)}`],
    ["a character less", signature.slice(0, -1)],
    ["nothing", ""],
  ])("its signature written with %s does not hold", async (_, spelled) => {
    expect(await key.verifySignature(`${header}.${payload}`, spelled)).toBe(false);
  });

  test("is no access token: its header is none of ours", async () => {
    const keys = new Map([[ours.header, ours]]);
    expect(await checkAccessToken({ ...check, keys }, `${header}.${payload}.${signature}`)).toBeUndefined();
  });

  test("is none even where its header is known: its claims are none of ours", async () => {
    const keys = new Map([[header, ours]]);
    expect(await checkAccessToken({ ...check, keys }, `${header}.${payload}.${signature}`)).toBeUndefined();
  });

  test("unsecured, as in RFC 7519, section 6.1, it is none either", async () => {
    const keys = new Map([["eyJhbGciOiJub25lIn0", ours]]);
    expect(await checkAccessToken({ ...check, keys }, `eyJhbGciOiJub25lIn0.${payload}.`)).toBeUndefined();
  });
});
