import { readTimes } from "../token/signed/times.ts";
import type { Client, RequestLike } from "../types.ts";
import { makeReadCredentials } from "./credential.ts";

/**
 * When the access token that a request carries for this client was issued and expires, in seconds. Undefined: it carries
 * none. Nothing else of it is checked.
 */
export function readAccessTimes(
  request: RequestLike,
  client: Client | undefined,
): { readonly iat: number; readonly exp: number } | undefined {
  if (client === undefined) return undefined;
  const found = makeReadCredentials([client])(request);
  return "credentials" in found ? readTimes(found.credentials[0].value) : undefined;
}
