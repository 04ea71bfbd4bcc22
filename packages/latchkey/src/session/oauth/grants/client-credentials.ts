import { scopeMember } from "../../../lib/oauth/scope.ts";
import { makeServiceToken } from "../../../token/signed/service.ts";
import type { CallContext, Service } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { auditEntry } from "../../events/entry.ts";
import { readGlobalEpoch } from "../global-epoch.ts";
import type { OAuthAnswer } from "../refusal.ts";
import type { Wanted } from "../wanted.ts";

/** A token for a service itself (RFC 6749, section 4.4). Nothing renews it: the service asks again. */
export async function clientCredentials(
  context: ApiContext,
  service: Service,
  { audience, scopes }: Wanted,
  call: CallContext,
): Promise<OAuthAnswer> {
  const { issuer, access } = context.settings;
  const { globalEpoch, keysVersion, now } = await readGlobalEpoch(context.store);
  const { signer } = await context.keyringSince(keysVersion);
  const { value, claims } = await makeServiceToken(signer(now), {
    issuer,
    audience,
    service: service.id,
    scopes,
    globalEpoch,
    now,
    expiresIn: access.expiresIn,
  });
  const detail = { service: service.id, audience, scopes, jti: claims.jti };
  context.events.record(auditEntry("service_token_issued", call, { detail }));
  const body = { access_token: value, token_type: "Bearer", expires_in: access.expiresIn };
  return { ok: true, body: { ...body, ...scopeMember(scopes) } };
}
