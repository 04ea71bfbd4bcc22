/** Where people go when nothing else is asked for. */
const home = "/account";

const rounds = 3;
/**
 * What could make a browser read a path as another host: `//`, `/\`, or control characters, which
 * browsers drop on the way.
 */
const leadsAway = /^[/\\]{2}|[\\\p{Cc}]/u;

/**
 * Where to go after signing in: `next` if it is a path of this site, else {@link home}. It must begin with one
 * slash, in its written form and in each form that decoding it gives, and still be of this site when resolved.
 */
export function safeNext(next: string | undefined, baseURL: string): string {
  if (next === undefined || !next.startsWith("/") || !isTame(next) || !URL.canParse(next, baseURL))
    return home;
  const url = new URL(next, baseURL);
  const path = url.pathname + url.search;
  return url.origin === new URL(baseURL).origin && !path.startsWith("//") ? path : home;
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
