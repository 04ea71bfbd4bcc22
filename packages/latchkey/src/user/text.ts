import { type Refusal, refuse } from "../errors.ts";

/** Most characters (code points) of a name, and of a role's name; most roles of a user. */
const maxName = 100;
const maxRole = 64;
const maxRoles = 64;

/** Control characters, line breaks, half surrogates, and marks that turn the direction of what follows. */
const unprintable = /[\p{Cc}\p{Surrogate}\u2028\u2029\u202A-\u202E\u2066-\u2069]/u;

/** Whether a text can be shown as it is, in one line. */
export function isPrintable(text: string): boolean {
  return !unprintable.test(text);
}

/** Refuses a name that could not be shown as one line of text. */
export function checkName(name: string | null): Refusal | undefined {
  if (name === null) return undefined;
  const isFine = name.trim() !== "" && [...name].length <= maxName && isPrintable(name);
  return isFine
    ? undefined
    : refuse("invalid_input", { detail: `name: one line of 1 to ${maxName} characters.` });
}

/** Refuses roles that are no list of names, or not of those that there are (`known`). */
export function checkRoles(
  roles: readonly string[],
  known?: ReadonlyMap<string, unknown>,
): Refusal | undefined {
  const isName = (role: unknown): boolean =>
    typeof role === "string" && role !== "" && role.length <= maxRole && isPrintable(role);
  const isFine = Array.isArray(roles) && roles.length <= maxRoles && roles.every(isName);
  const detail = `roles: a list of at most ${maxRoles} names of 1 to ${maxRole} characters.`;
  if (!isFine) return refuse("invalid_input", { detail });
  const unknown = known && roles.find((role) => !known.has(role));
  if (known === undefined || unknown === undefined) return undefined;
  const names = [...known.keys()].join(", ");
  return refuse("invalid_input", { detail: `roles: there is no "${unknown}"; there are ${names}.` });
}
