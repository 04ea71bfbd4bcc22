import { type Address, type AddressRange, isWithin, parseAddress } from "../lib/net/address.ts";
import type { CallContext } from "../types.ts";

/**
 * The address of whoever sent a request, in its canonical spelling; undefined if the peer's is not known. What
 * `X-Forwarded-For` says counts only if a trusted proxy is the peer, and only as far as trusted proxies wrote it: it is
 * read from the right, where each proxy adds the address it saw, up to the first that is not a trusted one. A malformed
 * entry makes the rest worthless: then it is the peer's address.
 */
function clientAddress(
  { remoteAddress, request }: Pick<CallContext, "remoteAddress" | "request">,
  trustedProxies: readonly AddressRange[],
): string | undefined {
  const peer = remoteAddress === undefined ? undefined : parseAddress(remoteAddress);
  if (peer === undefined || !isWithin(peer, trustedProxies)) return peer?.toString();
  const forwarded = request?.headers.get("x-forwarded-for") ?? "";
  return (firstUntrusted(forwarded, trustedProxies) ?? peer).toString();
}

function firstUntrusted(forwarded: string, trustedProxies: readonly AddressRange[]): Address | undefined {
  let last: Address | undefined;
  for (const entry of forwarded.split(",").reverse()) {
    last = parseAddress(entry);
    if (last === undefined || !isWithin(last, trustedProxies)) return last;
  }
  return last;
}

/**
 * Of the arguments of a verb, the one that says where the call comes from is given the client's address in place of the
 * peer's: every verb passes here, so that limits, sessions and the audit log agree on it.
 */
export function withClientAddress(argument: unknown, trustedProxies: readonly AddressRange[]): unknown {
  if (!isCall(argument)) return argument;
  return { ...argument, remoteAddress: clientAddress(argument, trustedProxies) };
}

/** Only a call has a `remoteAddress`; what has `headers` is a request. */
function isCall(argument: unknown): argument is CallContext {
  return (
    typeof argument === "object" &&
    argument !== null &&
    "remoteAddress" in argument &&
    !("headers" in argument)
  );
}
