import { grantScopes } from "../../lib/oauth/scope.ts";
import type { Service, Settings } from "../../types.ts";
import { type Form, type OAuthRefusal, refuseOAuth } from "./refusal.ts";

/** For whom a token is wanted, and what it may be good for. */
export interface Wanted {
  readonly ok: true;
  /** Ours, or one of the service's. */
  readonly audience: string;
  readonly scopes: readonly string[];
}

const notTheirs = refuseOAuth("invalid_target", "Not an audience of this service.");

/**
 * What a service asks for, if it may have it: an audience of its own, or ours if it names none; scopes that it may have
 * and the audience takes. The audience comes as `audience` (RFC 8693, section 2.1) or `resource` (RFC 8707, section 2):
 * one token is for one of them only, so that none who gets it can use it at another.
 */
export function readWanted(settings: Settings, service: Service, form: Form): Wanted | OAuthRefusal {
  const resource = form.get("resource");
  const audience = form.get("audience") ?? resource ?? settings.audience;
  if (resource !== undefined && (!URL.canParse(resource) || resource.includes("#")))
    return refuseOAuth("invalid_target", "resource: not an absolute URI without fragment.");
  if (resource !== undefined && resource !== audience)
    return refuseOAuth("invalid_target", "A token is for one audience only.");
  const allowed = allowedScopes(settings, service, audience);
  if (allowed === undefined) return notTheirs;
  const scopes = grantScopes(form.get("scope"), allowed);
  if (scopes === undefined) return refuseOAuth("invalid_scope", "A scope goes beyond what may be had.");
  return { ok: true, audience, scopes };
}

/** What the service may do there; undefined: it has no business there. */
function allowedScopes(
  settings: Settings,
  service: Service,
  audience: string,
): readonly string[] | undefined {
  if (audience === settings.audience) return service.scopes;
  const theirs = settings.audiences.get(audience)?.scopes;
  if (theirs === undefined || !service.audiences.includes(audience)) return undefined;
  return service.scopes.filter((scope) => theirs.includes(scope));
}
