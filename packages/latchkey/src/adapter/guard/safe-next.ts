const rounds = 3;
/**
 * What could make a browser read a path as another host: `//`, `/\`, or control characters, which browsers drop on the
 * way.
 */
const leadsAway = /^[/\\]{2}|[\\\p{Cc}]/u;
/** Only to resolve against: whatever leads away from here leads away from everywhere. */
const somewhere = "http://latchkey.invalid";

/**
 * Where to go after signing in: `next` if it is a path of this very origin, else `fallback`. It must begin with one
 * slash, in its written form and in each form that decoding it gives, and still be of this origin when resolved.
 */
export function safeNext(next: unknown, fallback = "/"): string {
  if (typeof next !== "string" || !next.startsWith("/") || !isTame(next) || !URL.canParse(next, somewhere))
    return fallback;
  const url = new URL(next, somewhere);
  const path = url.pathname + url.search;
  return url.origin === somewhere && !path.startsWith("//") ? path : fallback;
}

/** Whether a path leads nowhere else however often it is decoded. One that never stops decoding is not tame. */
function isTame(path: string): boolean {
  let written = path;
  for (let round = 0; round <= rounds; round++) {
    if (leadsAway.test(written)) return false;
    const decoded = decode(written);
    if (decoded === undefined) return false;
    if (decoded === written) return true;
    written = decoded;
  }
  return false;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
