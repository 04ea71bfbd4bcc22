/** Longest cookie value that is looked at (RFC 6265, section 6.1: browsers keep 4096 bytes). */
const maxLength = 4096;

/**
 * The value of the cookie with exactly this name; undefined if there is none, `"refused"` if there are several
 * (another subdomain may have planted one) or it is too long. Only spaces and tabs are trimmed: a name behind any
 * other white space is another name. Searches, and splits nothing: it stands in the way of every check.
 */
export function readCookie(header: string, name: string): string | "refused" | undefined {
  let found: string | undefined;
  for (let at = 0, end = 0; at < header.length; at = end + 1) {
    end = endOfPair(header, at);
    const start = afterBlanks(header, at);
    const equals = afterBlanks(header, start + name.length);
    // First what is told by one character.
    const isIt = equals < end && header.charCodeAt(equals) === equalsSign && header.startsWith(name, start);
    if (!isIt) continue;
    if (found !== undefined) return "refused";
    found = trimmed(header, equals + 1, end);
  }
  return found !== undefined && found.length > maxLength ? "refused" : found;
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

function trimmed(header: string, from: number, to: number): string {
  const start = afterBlanks(header, from);
  return start >= to ? "" : header.slice(start, beforeBlanks(header, to));
}
