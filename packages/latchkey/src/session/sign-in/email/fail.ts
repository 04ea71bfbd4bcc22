import { type Refusal, refuse } from "../../../errors.ts";
import { crypto } from "../../../lib/crypto.ts";
import type { CallContext } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { auditEntry } from "../../events/entry.ts";
import type { Entry } from "../entry.ts";

/**
 * A wrong password, or an address that nobody has: one answer for both, and for both an entry in the audit log. An
 * address that nobody has is written as its hash: it may be somebody's elsewhere, or a slip of the keyboard.
 */
export async function failSignIn(
  context: ApiContext,
  { email, client }: Entry,
  userId: string | null,
  call: CallContext,
): Promise<Refusal> {
  const detail = userId === null ? { emailHash: await crypto.sha256(email) } : {};
  const about = { userId, client: client.name, detail };
  context.events.record(auditEntry("sign_in_failed", call, about));
  return refuse("invalid_credentials");
}
