/** Cloudflare's runtime stops timers and connections with the request that began them. */
export function isWithoutBackground(): boolean {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers";
}
