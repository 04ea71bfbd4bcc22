import { sessionTokenPrefix } from "../../../token/opaque.ts";
import { refreshTokenPrefix } from "../../../token/refresh.ts";
import type { ApiContext } from "../../context.ts";
import { findService } from "../caller.ts";
import { type OAuthAnswer, type OAuthRefusal, refuseOAuth } from "../refusal.ts";
import type { OAuthRequest } from "../token.ts";
import { introspectIssued } from "./issued.ts";
import { type ActiveToken, introspectCredential, introspectRefreshToken } from "./own.ts";

/** All that is said of a token that does not hold: not why, nor whether it ever did (RFC 7662, section 2.2). */
const inactive: OAuthAnswer = { ok: true, body: { active: false } };

/**
 * What a token is worth at this moment (RFC 7662), for services that may ask. For a credential it is a check like any
 * other, and a use of its session; a refresh token is neither used nor held to be stolen.
 */
export async function introspect(
  context: ApiContext,
  { form, presented }: OAuthRequest,
): Promise<OAuthAnswer | OAuthRefusal> {
  const caller = await findService(context.settings, presented);
  if (!caller.ok) return caller;
  if (!caller.service.introspect)
    return refuseOAuth("unauthorized_client", "This service may not introspect.");
  const value = form.get("token");
  if (value === undefined) return refuseOAuth("invalid_request", "token: missing.");
  const active = await introspectAny(context, value);
  return active === undefined ? inactive : { ok: true, body: { ...active } };
}

/** What kind a token is shows in its form; `token_type_hint` is not needed. */
async function introspectAny(context: ApiContext, value: string): Promise<ActiveToken | undefined> {
  if (value.startsWith(refreshTokenPrefix)) return introspectRefreshToken(context, value);
  const own = await introspectCredential(context, value);
  return own !== undefined || value.startsWith(sessionTokenPrefix) ? own : introspectIssued(context, value);
}
