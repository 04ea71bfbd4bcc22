const rounds = 3;
/**
 * What could make a browser read a path as another host: `//`, `/\`, or control characters, which browsers drop on the
 * way.
 */
const leadsAway = /^[/\\]{2}|[\\\p{Cc}]/u;
/** In a query they lead nowhere, but they have no business in it unencoded. */
const control = /\p{Cc}/u;
/** Only to resolve against: whatever leads away from here leads away from everywhere. */
const somewhere = "http://latchkey.invalid";

/**
 * Where to go after signing in: `next` if it is a path of this very origin, else `fallback`. The path must begin with one
 * slash and lead nowhere else when resolved, in its written form and in each form that decoding it gives. A query may hold
 * what it likes, encoded: no browser looks there for a host.
 */
export function safeNext(next: unknown, fallback = "/"): string {
  if (typeof next !== "string" || control.test(next)) return fallback;
  const [path = ""] = next.split(/[?#]/, 1);
  if (!isWellFormed(path) || !isTame(path)) return fallback;
  const { pathname, search } = new URL(next, somewhere);
  // Browsers send it as it is, and others take it for a slash.
  return pathname + search.replaceAll("\\", "%5C");
}

/** Whether a path leads nowhere else however often it is decoded. One that never stops decoding is not tame. */
function isTame(path: string): boolean {
  let written = path;
  for (let round = 0; round <= rounds; round++) {
    if (!staysHere(written)) return false;
    const decoded = decodeAscii(written);
    if (decoded === written) return true;
    written = decoded;
  }
  return false;
}

/** `/..//host` is one path too many: it resolves to `//host`, which is not on this origin when it is resolved again. */
function staysHere(path: string): boolean {
  if (!path.startsWith("/") || leadsAway.test(path)) return false;
  const { origin, pathname } = new URL(path.replace(/[?#]/g, "_"), somewhere);
  return origin === somewhere && !pathname.startsWith("//");
}

/** What can lead away is ASCII. `/100%25` decodes to what is no encoding any more, and to nothing worse. */
function decodeAscii(text: string): string {
  return text.replace(/%([0-7][0-9a-f])/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}

function isWellFormed(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
