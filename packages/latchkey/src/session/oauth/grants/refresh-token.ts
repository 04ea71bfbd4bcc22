import { messageOf, type Refusal, statusOf } from "../../../errors.ts";
import { checkRefreshToken } from "../../../token/refresh.ts";
import type { AuthApi, CallContext, Client } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { type Form, type OAuthAnswer, type OAuthRefusal, refuseOAuth } from "../refusal.ts";

const notTheirs = refuseOAuth("invalid_grant", "The refresh token is not one of this client.");

/**
 * The next pair of tokens (RFC 6749, section 6), by the very call that `POST /refresh` makes: rotation, the grace window
 * and the detection of theft are the same. The token must be the client's own: another client's ends nothing here.
 */
export async function refreshTokenGrant(
  context: ApiContext,
  api: Pick<AuthApi, "refresh">,
  client: Client,
  form: Form,
  call: CallContext,
): Promise<OAuthAnswer | OAuthRefusal> {
  const refreshToken = form.get("refresh_token");
  if (refreshToken === undefined) return refuseOAuth("invalid_request", "refresh_token: missing.");
  // Signing in grants no scope, so there is none that a refresh could name without going beyond it.
  if (form.has("scope")) return refuseOAuth("invalid_scope", "A refresh cannot ask for scopes.");
  const { macs } = await context.keyring();
  if ((await checkRefreshToken(macs.refresh, [client.name], refreshToken)) === undefined) return notTheirs;
  const refreshed = await api.refresh({ refreshToken }, call);
  if (!refreshed.ok) return explain(refreshed);
  const { credentials } = refreshed;
  if (credentials.transport !== "bearer" || !("accessToken" in credentials)) return notTheirs;
  const { accessToken, tokenType, expiresIn, refreshToken: next } = credentials;
  const body = { access_token: accessToken, token_type: tokenType, expires_in: expiresIn };
  return { ok: true, body: { ...body, refresh_token: next } };
}

function explain(refusal: Refusal): OAuthRefusal {
  const description = messageOf(refusal.code);
  return statusOf(refusal.code) === 429
    ? refuseOAuth("temporarily_unavailable", description, refusal.retryAfter ?? 1)
    : refuseOAuth("invalid_grant", description);
}
