import type { Context } from "hono";
import type { Auth, Refusal } from "latchkey";

/** What a person typed. A field that was not sent is empty. */
export interface Form {
  readonly ok: true;
  get(name: string): string;
}

/** The longest form in bytes: the same as the longest body of the API. */
export const maxFormSize = 65_536;

/**
 * Reads a form that one of our own pages sent. Only what they send is understood: one encoding, and each field
 * once, since two readers of a doubled field may each take another one. The size was limited before.
 */
export async function readForm(auth: Auth, c: Context): Promise<Form | Refusal> {
  const foreign = auth.checkOrigin(c.req.raw);
  if (foreign !== undefined) return foreign;
  const type = c.req.header("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/x-www-form-urlencoded") {
    const detail = "Send the form as application/x-www-form-urlencoded.";
    return { ok: false, code: "unsupported_media_type", detail };
  }
  const fields = new URLSearchParams(await c.req.text());
  const names = [...fields.keys()];
  if (new Set(names).size < names.length) {
    return { ok: false, code: "invalid_input", detail: "A field of the form was sent twice." };
  }
  return { ok: true, get: (name) => fields.get(name) ?? "" };
}
