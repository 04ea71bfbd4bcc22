// @ts-check
// The least that any code must do for the same answer, written by hand.
import { createHmac, createSecretKey, generateKeyPairSync, sign, timingSafeEqual, verify } from "node:crypto";
import { inTurn } from "../lib/strings.js";

const secret = createSecretKey(Buffer.alloc(32, 7));
const segment = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString("base64url");

/**
 * @param {readonly string[]} tokens access tokens of Latchkey: the same claims are signed by hand
 */
export function floors(tokens) {
  const claims = tokens.map(claimsOf);
  const { iss, aud } = claims[0] ?? {};
  const header = segment({ alg: "HS256", typ: "at+jwt", kid: "an id of a key, 22 ch." });
  const own = claims.map((it) => {
    const input = `${header}.${segment(it)}`;
    return `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;
  });
  const sessions = new Map(tokens.map((token, i) => [token, claims[i]]));
  const [nextKnown, nextInput, nextOwn, nextStrict] = [inTurn(tokens), inTurn(own), inTurn(own), inTurn(own)];
  const pair = generateKeyPairSync("ed25519");
  const input = Buffer.from(own[0] ?? "");
  const signature = sign(null, input, pair.privateKey);
  return {
    known: () => must(sessions.get(nextKnown())),
    hmac: () => createHmac("sha256", secret).update(nextInput()).digest(),
    hand: () => must(checkByHand(nextOwn(), header, iss, aud, false)),
    strict: () => must(checkByHand(nextStrict(), header, iss, aud, true)),
    ed25519: () => must(verify(null, input, pair.publicKey, signature)),
  };
}

/** @param {string} token */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

/**
 * What somebody who knows the trade writes: createHmac, a comparison in constant time, the header as a known string, one
 * parse, all the claims that matter. `strict`: only the one spelling of the payload passes, as with us.
 *
 * @param {string} token @param {string} header @param {string} iss @param {string} aud @param {boolean} strict
 */
function checkByHand(token, header, iss, aud, strict) {
  const [first, second] = [token.indexOf("."), token.lastIndexOf(".")];
  if (token.slice(0, first) !== header) return undefined;
  const mac = createHmac("sha256", secret).update(token.slice(0, second)).digest();
  const given = Buffer.from(token.slice(second + 1), "base64url");
  if (given.length !== mac.length || !timingSafeEqual(mac, given)) return undefined;
  const payload = token.slice(first + 1, second);
  const text = Buffer.from(payload, "base64url").toString();
  const claims = JSON.parse(text);
  if (strict && Buffer.from(JSON.stringify(claims)).toString("base64url") !== payload) return undefined;
  const now = Date.now() / 1000;
  return claims.iss === iss && claims.aud === aud && claims.exp > now && claims.iat <= now
    ? claims
    : undefined;
}

/** A benchmark of refusals would be fast and worth nothing. @param {unknown} value */
function must(value) {
  if (!value) throw new Error("refused");
  return value;
}
