import type { Credential } from "../../read/credential.ts";
import type { Presented } from "../../session/context.ts";
import { judgeClaims } from "../../session/judge.ts";
import { viewClaims } from "../../strategy/jwt/claims.ts";
import type { TokenCheck } from "../../token/check.ts";
import type { Keyring } from "../../token/keyring.ts";
import type { Core } from "../core.ts";
import type { Stages } from "./stages.ts";

/** Whose a credential is that may have expired, and how long it lives on where nobody asks the store. */
export async function judgePresented(
  core: Core,
  stages: Stages,
  keyring: Keyring,
  credential: Credential,
): Promise<Omit<Presented, "cookieOf">> {
  const checked = await stages.check(core, keyring, credential);
  const carried = checked && stages.findStrategy(core, checked, credential.clients);
  if (checked === undefined || carried === undefined) return { held: undefined };
  if (checked.token.kind !== "access") {
    const result = await stages.decide(core, checked, credential);
    return { held: result.ok ? { ...carried, session: result.session, stored: true } : undefined };
  }
  const { claims } = checked.token;
  const fault = await findFault(core, stages, checked, credential);
  const held = { ...carried, session: viewClaims(claims), stored: claims.sst !== undefined };
  if (fault === undefined) return { held };
  const lives = fault === "renewed" && carried.strategy.name === "jwt";
  return { held: undefined, until: lives ? claims.exp * 1000 : undefined };
}

/**
 * What is wrong with an access token, apart from its dates and the end of its session: its credential was renewed since
 * (P3), or its key was compromised. Whoever holds such a one may be whom it was renewed for, and ends nothing.
 */
async function findFault(
  core: Core,
  { stands }: Stages,
  checked: TokenCheck,
  credential: Credential,
): Promise<"renewed" | "compromised" | undefined> {
  // A token that names no begin of a session is its own session.
  if (checked.token.kind !== "access" || checked.token.claims.sst === undefined) return undefined;
  const { sid, sub, epo } = checked.token.claims;
  const read = await core.store.readSession(sid, sub);
  if (!(await stands(core, checked, credential)(read.keysVersion))) return "compromised";
  const judged = judgeClaims(read, checked.client, epo, true);
  return !judged.ok && judged.code === "credential_renewed" ? "renewed" : undefined;
}
