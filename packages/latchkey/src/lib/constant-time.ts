/**
 * Compares two strings without telling by its duration where they differ.
 * Lengths are not secret here: every string compared has a fixed, public length.
 */
export function equalConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
