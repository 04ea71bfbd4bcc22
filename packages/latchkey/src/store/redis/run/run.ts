import { LatchkeyError } from "../../../errors.ts";
import type { SessionRecord, UserRecord } from "../../../types.ts";
import type { Script } from "../lua/piece.ts";
import type { SessionRow } from "../rows/session.ts";
import type { UserRow } from "../rows/user.ts";

/**
 * What a script is for, which decides on which connection it runs and how long it may take: `check`, the one read of a
 * check; `read`; `step`, which changes something and does nothing once whoever asked has given up; `revoke`, a step
 * that is answered only once it cannot get lost any more; `follow`, the reader of the change log.
 */
export type Kind = "check" | "read" | "step" | "revoke" | "follow";

/** Runs a script with its input and gives its answer. */
export type Run = <Answer>(kind: Kind, script: Script, input: object) => Promise<Answer>;

/** An answer as scripts give it: the same, with rows in the place of records. */
export type InRows<T> = T extends { readonly ok: true } ? { [Member in keyof T]: Row<T[Member]> } : T;

type Row<T> = T extends UserRecord ? UserRow : T extends SessionRecord ? SessionRow : T;

/**
 * The input as scripts read it: members that are null are left out. No store keeps a NUL (SQL cannot); and half a
 * surrogate pair, which is no text, becomes what an encoder of UTF-8 makes of it.
 */
export function encodeInput(input: object): string {
  const text = JSON.stringify(input, (_, value: unknown) => value ?? undefined);
  if (!text.includes("\\u")) return text;
  return text.replace(/\\\\|\\u0000|\\ud[89a-f][0-9a-f]{2}/g, (found) => {
    if (found === "\\u0000")
      throw new LatchkeyError("invalid_input", "text with a NUL character cannot be stored");
    return found === "\\\\" ? found : "\ufffd";
  });
}
