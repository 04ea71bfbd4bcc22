import { fromUtf8 } from "../../lib/text.ts";
import { type Form, type OAuthRefusal, refuseOAuth } from "../../session/oauth/refusal.ts";

/** What may be repeated in an error without repeating what somebody else may have planted there. */
const plainName = /^[a-z_]{1,40}$/;

/**
 * Reads a form body (RFC 6749, appendix B). A parameter without a value counts as left out, and one that comes twice is
 * refused (section 3.2): readers differ on which one counts. The address's own parameters are not read.
 */
export async function readForm(
  request: Request,
): Promise<{ readonly ok: true; readonly form: Form } | OAuthRefusal> {
  if (!isForm(request.headers.get("content-type")))
    return refuseOAuth("invalid_request", "Send application/x-www-form-urlencoded.");
  const text = fromUtf8(new Uint8Array(await request.arrayBuffer()));
  if (text === undefined) return refuseOAuth("invalid_request", "The body is not UTF-8.");
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) {
    if (form.has(name)) {
      const which = plainName.test(name) ? name : "A parameter";
      return refuseOAuth("invalid_request", `${which}: given twice.`);
    }
    form.set(name, value);
  }
  return { ok: true, form: new Map([...form].filter(([, value]) => value !== "")) };
}

/** With or without parameters. */
function isForm(contentType: string | null): boolean {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() === "application/x-www-form-urlencoded";
}
