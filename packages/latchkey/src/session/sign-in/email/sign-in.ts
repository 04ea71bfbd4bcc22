import { type Refusal, refuse } from "../../../errors.ts";
import type { CallContext, SignedIn, SignInEmail } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { type Entry, enter } from "../entry.ts";
import { openAs } from "../open.ts";
import { findKnownDevice, noteNewDevice } from "./device.ts";
import { failSignIn } from "./fail.ts";

/** Signs in, if as many attempts may be made: that is decided before the password is looked at. */
export async function signInEmail(
  context: ApiContext,
  input: SignInEmail,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const entry = await enter(context, input, call);
  if (!entry.ok) return entry;
  const device = await findKnownDevice(context, entry);
  const attempt = await context.guard.signIn({ email: entry.email, ip: call.remoteAddress, device });
  if (!attempt.ok) return attempt;
  const signedIn = await attempt.judge(async () => {
    const first = await signInOnce(context, entry, input, call);
    // The password or the standing changed between reading and writing: judge again, by what is true now.
    return isConflict(first) ? signInOnce(context, entry, input, call) : first;
  });
  if (signedIn.ok && device === undefined) noteNewDevice(context, signedIn, call);
  return signedIn;
}

async function signInOnce(
  context: ApiContext,
  entry: Entry,
  input: SignInEmail,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const proven = await context.accounts.prove(entry.email, input.password);
  if (proven.ok)
    return openAs(context, entry, call, { type: "signed_in", user: { id: proven.id, epoch: proven.epoch } });
  if (proven.code === "conflict") return refuse("conflict");
  return failSignIn(context, entry, proven.userId, call);
}

function isConflict(result: SignedIn | Refusal): boolean {
  return !result.ok && result.code === "conflict";
}
