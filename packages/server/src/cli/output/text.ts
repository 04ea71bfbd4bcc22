import type { PublicUser } from "latchkey";

/** Control characters, line breaks, half surrogates, and marks that turn the direction of what follows. */
const unprintable = /[\p{Cc}\p{Surrogate}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;
/** Those of them that JSON leaves as they are. */
const unescaped = /[\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/g;

/** Text that other people gave, as a terminal may show it: it cannot move the cursor or forge a line. */
export function printable(text: string): string {
  return text.replace(unprintable, escapeCharacter);
}

/** JSON for programs and terminals alike. */
export function toJson(value: object): string {
  return JSON.stringify(value, null, 2).replace(unescaped, escapeCharacter);
}

function escapeCharacter(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}

/** Milliseconds → ISO 8601, for programs. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

/** Milliseconds → `2026-11-25 22:05:10Z`, for people. */
export function shownTime(time: number): string {
  return isoTime(time)
    .replace("T", " ")
    .replace(/\.\d+Z$/, "Z");
}

/** A user as the HTTP routes show one. */
export function userJson(user: PublicUser): object {
  return { ...user, createdAt: isoTime(user.createdAt) };
}

/** A number of sessions in a sentence. */
export function counted(sessions: number): string {
  return sessions === 1 ? "1 session" : `${sessions} sessions`;
}
