/** Longest cookie value that is looked at (RFC 6265, section 6.1: browsers keep 4096 bytes). */
const maxLength = 4096;

/**
 * The value of the cookie with exactly this name; undefined if there is none, `"refused"` if there are several
 * (another subdomain may have planted one) or it is too long. Only spaces and tabs are trimmed: a name behind any
 * other white space is another name. Searches, and splits nothing: it stands in the way of every check.
 */
export function readCookie(header: string, name: string): string | "refused" | undefined {
  let found: string | undefined;
  for (let at = header.indexOf(name); at >= 0; at = header.indexOf(name, at + name.length)) {
    const equals = afterBlanks(header, at + name.length);
    if (header.charCodeAt(equals) !== equalsSign || !beginsPair(header, at)) continue;
    if (found !== undefined) return "refused";
    const end = header.indexOf(";", equals);
    found = trimmed(header, equals + 1, end < 0 ? header.length : end);
  }
  return found !== undefined && found.length > maxLength ? "refused" : found;
}

const equalsSign = 61;
const semicolon = 59;

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

/** Whether nothing but blanks stands between the place and the pair before, or the beginning. */
function beginsPair(header: string, at: number): boolean {
  const before = beforeBlanks(header, at);
  return before === 0 || header.charCodeAt(before - 1) === semicolon;
}

function trimmed(header: string, from: number, to: number): string {
  const start = afterBlanks(header, from);
  return start >= to ? "" : header.slice(start, beforeBlanks(header, to));
}
