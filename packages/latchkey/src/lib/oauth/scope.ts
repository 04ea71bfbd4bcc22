/** One scope (RFC 6749, section 3.3): visible ASCII but for quotes and the backslash. */
const shape = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Whether a text is one scope. */
export function isScope(text: string): boolean {
  return shape.test(text);
}

/** The scopes of a list separated by single spaces, each once; undefined if it is none. */
function parseScopes(text: string): readonly string[] | undefined {
  const scopes = text.split(" ");
  return scopes.every(isScope) ? [...new Set(scopes)] : undefined;
}

/** The claim or member that says them; none at all without a scope. */
export function scopeMember(scopes: readonly string[]): { readonly scope?: string } {
  return scopes.length === 0 ? {} : { scope: scopes.join(" ") };
}

/** What is granted of what may be had: all of it if nothing is named; undefined if something named goes beyond it. */
export function grantScopes(
  wanted: string | undefined,
  allowed: readonly string[],
): readonly string[] | undefined {
  if (wanted === undefined) return allowed;
  const scopes = parseScopes(wanted);
  return scopes?.every((scope) => allowed.includes(scope)) ? scopes : undefined;
}
