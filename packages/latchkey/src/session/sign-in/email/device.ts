import { checkDeviceToken } from "../../../token/device.ts";
import type { AuditEntry, CallContext, SignedIn } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { auditEntry } from "../../events/entry.ts";
import type { Entry } from "../entry.ts";

/**
 * The random part of the device token, if it is one of this very account. Without such an account the mark is compared
 * all the same, so that time does not tell.
 */
export async function findKnownDevice(
  { accounts, keyring }: ApiContext,
  { device, email }: Entry,
): Promise<string | undefined> {
  if (device === undefined) return undefined;
  const [{ macs }, userId = ""] = [await keyring(), await accounts.findId(email)];
  return checkDeviceToken(macs.device, userId, device);
}

/** Raises `signed_in_new_device`, unless this is the account's first sign-in. Off the path of the answer. */
export function noteNewDevice(context: ApiContext, { user, session }: SignedIn, call: CallContext): void {
  const about = { userId: user.id, sessionId: session.id, client: session.client };
  const audit = auditEntry("signed_in_new_device", { ...call, actor: user.id }, about);
  context.background(noteUnlessFirst(context, audit), "looking for a new device");
}

/** Every earlier sign-in and the sign-up gave a device token, and each stands in the audit log. */
async function noteUnlessFirst({ store, events }: ApiContext, audit: AuditEntry): Promise<void> {
  const userId = audit.userId ?? undefined;
  const signUps = await store.listAudit({ userId, type: "signed_up", limit: 1 });
  const signIns = await store.listAudit({ userId, type: "signed_in", limit: 2 });
  if (signUps.length + signIns.length > 1) events.record(audit);
}
