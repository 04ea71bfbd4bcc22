import { scopeMember } from "../../../lib/oauth/scope.ts";
import { checkExchangedToken, type ExchangedClaims } from "../../../token/signed/exchanged.ts";
import { checkServiceToken, type ServiceClaims } from "../../../token/signed/service.ts";
import type { SessionRead, Settings } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { judgeClaims, judgeUser } from "../../judge.ts";
import { readGlobalEpoch } from "../global-epoch.ts";
import { type ActiveToken, username } from "./own.ts";

/** A token for a third party or of a service, as we signed it and still stand by it. */
export type IssuedToken =
  | { readonly kind: "exchanged"; readonly claims: ExchangedClaims }
  | { readonly kind: "service"; readonly claims: ServiceClaims };

/** Finds out what a token is that is none of our own credentials; undefined if it is not ours, or has expired. */
export async function findIssued(
  { keyring, settings, clock }: ApiContext,
  value: string,
): Promise<IssuedToken | undefined> {
  const { issuer, audience: own, audiences } = settings;
  const { access: keys } = await keyring();
  // A session is never exchanged for a token for ourselves: what is for us and of a user is a credential.
  const check = { keys, issuer, now: clock(), audiences };
  const exchanged = await checkExchangedToken(check, value);
  if (exchanged !== undefined)
    return exchanged.expired ? undefined : { kind: "exchanged", claims: exchanged.claims };
  const allAudiences = { has: (name: string) => name === own || audiences.has(name) };
  const service = await checkServiceToken({ ...check, audiences: allAudiences }, value);
  return service === undefined || service.expired ? undefined : { kind: "service", claims: service.claims };
}

/** The same, judged by the store. A token of a service that was taken out of the configuration is worth nothing. */
export async function introspectIssued(context: ApiContext, value: string): Promise<ActiveToken | undefined> {
  const issued = await findIssued(context, value);
  if (issued === undefined || !isKnown(context.settings, issued.claims.client_id)) return undefined;
  const { iss, aud, sub, client_id, exp, iat, jti, scope } = issued.claims;
  const about = { client_id, token_type: "Bearer", exp, iat, sub, aud, iss, jti } as const;
  const scopes = scopeMember(scope?.split(" ") ?? []);
  if (issued.kind === "service") {
    const { globalEpoch } = await readGlobalEpoch(context.store);
    return issued.claims.epo[0] < globalEpoch ? undefined : { active: true, ...about, ...scopes };
  }
  const { sid } = issued.claims;
  const judged = judgeExchanged(await context.store.readSession(sid, sub), issued.claims);
  if (!judged.ok) return undefined;
  return { active: true, ...about, ...username(judged.user.email), ...scopes, sid };
}

function isKnown({ clients, services }: Settings, clientId: string): boolean {
  return clients.has(clientId) || services.has(clientId);
}

/** By the session it was exchanged for, whoever's that is; or by the user alone where there is none. */
function judgeExchanged(
  read: SessionRead,
  { epo: [global, user, session] }: ExchangedClaims,
): ReturnType<typeof judgeUser> {
  return session === undefined
    ? judgeUser(read, { global, user })
    : judgeClaims(read, read.session?.client ?? "", [global, user, session], true);
}
