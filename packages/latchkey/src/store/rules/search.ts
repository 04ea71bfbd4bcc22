import type { UserRecord } from "../../types.ts";

/** What a search looks at, in small letters: the id up to the first line break, then e-mail address and name. */
export function searchTextOf({ id, email, name }: Pick<UserRecord, "id" | "email" | "name">): string {
  return `${id}\n${email ?? ""}\n${name ?? ""}`.toLowerCase();
}

/** Whether a search finds the text: by the whole id, or by part of the rest. */
export function isFound(text: string, search: string): boolean {
  const wanted = search.toLowerCase();
  return text.startsWith(`${wanted}\n`) || text.includes(wanted, text.indexOf("\n") + 1);
}

/** The same as patterns of SQL's `like`, in which `\` escapes: one of them has to match. */
export function searchPatterns(search: string): readonly [id: string, rest: string] {
  const wanted = search.toLowerCase().replace(/[\\%_]/g, "\\$&");
  return [`${wanted}\n%`, `%\n%${wanted}%`];
}
