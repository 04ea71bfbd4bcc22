import { scopeMember } from "../../../lib/oauth/scope.ts";
import type { Authenticated, CallContext, Service } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { auditEntry } from "../../events/entry.ts";
import { type Exchanged, exchange } from "../../exchange/exchange.ts";
import { type Form, type OAuthAnswer, type OAuthRefusal, refuseOAuth } from "../refusal.ts";
import { readWanted } from "../wanted.ts";

/** RFC 8693, section 3. */
const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";
const jwtType = "urn:ietf:params:oauth:token-type:jwt";
const tokenTypes: ReadonlySet<string> = new Set([accessTokenType, jwtType]);

/** Invalid for any reason: section 2.2.2 has one error for all of them. */
const badSubject = refuseOAuth("invalid_request", "subject_token: not a token of a live session.");

/**
 * A token for a third party, for a service that acts on behalf of the user whose token it holds (RFC 8693). It never
 * outlives that token, never goes beyond what service and audience both may have, and is no subject itself.
 */
export async function tokenExchange(
  context: ApiContext,
  service: Service,
  form: Form,
  call: CallContext,
): Promise<OAuthAnswer | OAuthRefusal> {
  const fault = findFault(form);
  if (fault !== undefined) return refuseOAuth("invalid_request", fault);
  const wanted = readWanted(context.settings, service, form);
  if (!wanted.ok) return wanted;
  const audience = context.settings.audiences.get(wanted.audience);
  if (audience === undefined) return refuseOAuth("invalid_target", "Not an audience of this service.");
  const subject = await findSubject(context, form);
  if (subject === undefined) return badSubject;
  const { scopes } = wanted;
  const exchanged = await exchange(context, { ...subject, audience, scopes, service: service.id });
  if (!exchanged.ok) return badSubject;
  record(context, service, exchanged, call);
  const { claims, value } = exchanged;
  const expiresIn = claims.exp - claims.iat;
  const body = { access_token: value, issued_token_type: accessTokenType, token_type: "Bearer" };
  return { ok: true, body: { ...body, expires_in: expiresIn, ...scopeMember(scopes) } };
}

/** What is wrong with the request before any token of it is looked at (section 2.1). */
function findFault(form: Form): string | undefined {
  if (!form.has("subject_token")) return "subject_token: missing.";
  if (!tokenTypes.has(form.get("subject_token_type") ?? "")) return "subject_token_type: missing or unknown.";
  if (!tokenTypes.has(form.get("requested_token_type") ?? accessTokenType))
    return "requested_token_type: only access tokens are issued.";
  // The service that authenticates is the one that acts: nobody else can be brought along.
  if (form.has("actor_token") || form.has("actor_token_type")) return "actor_token: the client itself acts.";
  return form.has("audience") || form.has("resource") ? undefined : "audience: missing.";
}

/** The session behind an access or session token of ours, and when that token ends, if it does so before its session. */
async function findSubject(
  context: ApiContext,
  form: Form,
): Promise<{ readonly current: Authenticated; readonly notAfter?: number } | undefined> {
  const value = form.get("subject_token") ?? "";
  const judged = await context.judge(value, [...context.settings.clients.values()]);
  if (judged === undefined || !judged.result.ok) return undefined;
  const { token, result: current } = judged;
  if (token.kind === "access") return { current, notAfter: token.claims.exp * 1000 };
  return form.get("subject_token_type") === jwtType ? undefined : { current };
}

function record(context: ApiContext, service: Service, { claims }: Exchanged, call: CallContext): void {
  const { sub: userId, sid: sessionId, aud: audience, jti, scope } = claims;
  const detail = { service: service.id, audience, scopes: scope?.split(" ") ?? [], jti };
  context.events.record(auditEntry("token_exchanged", call, { userId, sessionId, detail }));
}
