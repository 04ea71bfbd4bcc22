/** Longest cookie value that is looked at (RFC 6265, section 6.1: browsers keep 4096 bytes). */
const maxLength = 4096;

/** What `findCookie` gives where there is nothing to look at. */
export const noCookie = -1;
export const refusedCookie = -2;

/**
 * Where the value of the cookie with exactly this name begins; `noCookie` if there is none, `refusedCookie` if there are
 * several (another subdomain may have planted one) or it is too long. Only spaces and tabs are trimmed: a name behind any
 * other white space is another name. Searches, and splits nothing: it stands in the way of every check.
 */
export function findCookie(header: string, name: string): number {
  let found = noCookie;
  for (let at = 0, end = 0; at < header.length; at = end + 1) {
    end = endOfPair(header, at);
    const start = afterBlanks(header, at);
    const equals = afterBlanks(header, start + name.length);
    // First what is told by one character.
    const isIt = equals < end && header.charCodeAt(equals) === equalsSign && header.startsWith(name, start);
    if (!isIt) continue;
    if (found !== noCookie) return refusedCookie;
    found = afterBlanks(header, equals + 1);
  }
  return found !== noCookie && endOfCookie(header, found) - found > maxLength ? refusedCookie : found;
}

/** Behind the last character of the value that begins there. */
export function endOfCookie(header: string, start: number): number {
  const end = endOfPair(header, start);
  return end === start ? end : beforeBlanks(header, end);
}

/** The value itself; undefined if there is none, `"refused"` as with `findCookie`. */
export function readCookie(header: string, name: string): string | "refused" | undefined {
  const start = findCookie(header, name);
  if (start === noCookie) return undefined;
  return start === refusedCookie ? "refused" : header.slice(start, endOfCookie(header, start));
}

function endOfPair(header: string, from: number): number {
  const semicolon = header.indexOf(";", from);
  return semicolon < 0 ? header.length : semicolon;
}

const equalsSign = 61;

function isBlank(code: number): boolean {
  return code === 32 || code === 9;
}

function afterBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at))) at += 1;
  return at;
}

function beforeBlanks(text: string, from: number): number {
  let at = from;
  while (isBlank(text.charCodeAt(at - 1))) at -= 1;
  return at;
}
