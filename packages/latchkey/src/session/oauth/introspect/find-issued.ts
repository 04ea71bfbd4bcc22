import type { Keyring } from "../../../token/keyring.ts";
import { checkExchangedToken, type ExchangedClaims } from "../../../token/signed/exchanged.ts";
import { checkServiceToken, type ServiceClaims } from "../../../token/signed/service.ts";
import type { ApiContext } from "../../context.ts";

/** A token for a third party or of a service, as we signed it and still stand by it. */
export type IssuedToken =
  | { readonly kind: "exchanged"; readonly claims: ExchangedClaims }
  | { readonly kind: "service"; readonly claims: ServiceClaims };

/** Finds out what a token is that is none of our own credentials; undefined if it is not ours, or has expired. */
export async function findIssued(
  { settings, clock }: ApiContext,
  { access: keys }: Keyring,
  value: string,
): Promise<IssuedToken | undefined> {
  const { issuer, audience: own, audiences } = settings;
  // A session is never exchanged for a token for ourselves: what is for us and of a user is a credential.
  const check = { keys, issuer, now: clock(), audiences };
  const exchanged = await checkExchangedToken(check, value);
  if (exchanged !== undefined)
    return exchanged.expired ? undefined : { kind: "exchanged", claims: exchanged.claims };
  const allAudiences = { has: (name: string) => name === own || audiences.has(name) };
  const service = await checkServiceToken({ ...check, audiences: allAudiences }, value);
  return service === undefined || service.expired ? undefined : { kind: "service", claims: service.claims };
}
