/** Longest cookie value that is looked at (RFC 6265, section 6.1: browsers keep 4096 bytes). */
const maxLength = 4096;

/**
 * The value of the cookie with exactly this name; undefined if there is none, `"refused"` if there are several
 * (another subdomain may have planted one) or it is too long. Only spaces and tabs are trimmed: a name behind any
 * other white space is another name.
 */
export function readCookie(header: string, name: string): string | "refused" | undefined {
  let found: string | undefined;
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals < 0 || trim(pair.slice(0, equals)) !== name) continue;
    if (found !== undefined) return "refused";
    found = trim(pair.slice(equals + 1));
  }
  return found !== undefined && found.length > maxLength ? "refused" : found;
}

function trim(text: string): string {
  // The lookbehind keeps it linear: without it a run of spaces inside costs the square of its length.
  return text.replace(/^[ \t]+|(?<![ \t])[ \t]+$/g, "");
}
