import { decodeBase64url } from "../../lib/base64url.ts";
import { isJsonObject, parseJson } from "../../lib/json.ts";
import { fromUtf8 } from "../../lib/text.ts";
import { isDate } from "./claim.ts";

/** When a JWT was issued and when it expires, in seconds. Nothing else of it is checked; undefined if it is none. */
export function readTimes(token: string): { readonly iat: number; readonly exp: number } | undefined {
  const bytes = decodeBase64url(token.split(".", 2)[1] ?? "");
  const claims = parseJson((bytes && fromUtf8(bytes)) ?? "");
  if (!isJsonObject(claims) || !isDate(claims.iat) || !isDate(claims.exp)) return undefined;
  return { iat: claims.iat, exp: claims.exp };
}
