import type { Refusal } from "../../errors.ts";
import { checkRefreshToken, isProofOf, refreshTokenPrefix } from "../../token/refresh.ts";
import type { AuthApi, CallContext, Client, Revoked } from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { findCaller } from "./caller.ts";
import { findIssued } from "./introspect/find-issued.ts";
import { type OAuthAnswer, type OAuthRefusal, refuseOAuth } from "./refusal.ts";
import type { OAuthRequest } from "./token.ts";

type Revoker = Pick<AuthApi, "revokeSession">;

/** Also the answer for what is no token at all: the client's aim is reached (RFC 7009, section 2.2). */
const done: OAuthAnswer = { ok: true, body: null };

const notRevocable = refuseOAuth(
  "unsupported_token_type",
  "Nobody can take back such a token before it expires.",
);

/**
 * Ends the session behind a token (RFC 7009): a service may do so for every token that it holds, a public client for
 * its own. `token_type_hint` is not needed: what kind a token is shows in its form.
 */
export async function revoke(
  context: ApiContext,
  api: Revoker,
  { form, presented }: OAuthRequest,
  call: CallContext,
): Promise<OAuthAnswer | OAuthRefusal> {
  const caller = await findCaller(context.settings, presented);
  if (!caller.ok) return caller;
  const value = form.get("token");
  if (value === undefined) return refuseOAuth("invalid_request", "token: missing.");
  const clients = caller.client === undefined ? [...context.settings.clients.values()] : [caller.client];
  return value.startsWith(refreshTokenPrefix)
    ? revokeByRefreshToken(context, api, { value, clients, call })
    : revokeByCredential(context, api, { value, clients, call });
}

interface Presented {
  readonly value: string;
  /** Whose token it may be. */
  readonly clients: readonly Client[];
  readonly call: CallContext;
}

/** Any generation will do, as for signing out: whoever held one may end what it belongs to. */
async function revokeByRefreshToken(
  context: ApiContext,
  api: Revoker,
  { value, clients, call }: Presented,
): Promise<OAuthAnswer | OAuthRefusal> {
  const { macs } = await context.keyring();
  const names = clients.map(({ name }) => name);
  const token = await checkRefreshToken(macs.refresh, names, value);
  if (token === undefined) return done;
  const { session, keysVersion } = await context.store.readSession(token.id);
  const now = await context.keyringSince(keysVersion);
  if (session === undefined || !(await isProofOf(now.macs.refresh, token, session))) return done;
  const { id: sessionId, userId } = session;
  return answer(await api.revokeSession({ sessionId, userId }, call));
}

async function revokeByCredential(
  context: ApiContext,
  api: Revoker,
  { value, clients, call }: Presented,
): Promise<OAuthAnswer | OAuthRefusal> {
  const judged = await context.judge(value, clients);
  if (judged?.result.ok) {
    const current = judged.result;
    const { id: sessionId, userId } = current.session;
    return answer(await api.revokeSession({ sessionId, userId, current }, call));
  }
  // Neither a token for others nor one of a service has a row of its own that could be ended.
  return judged === undefined && (await findIssued(context, await context.keyring(), value)) !== undefined
    ? notRevocable
    : done;
}

/** `until` tells of an access token that outlives its session; clients may ignore the body, and most do. */
function answer(revoked: Revoked | Refusal): OAuthAnswer | OAuthRefusal {
  if (!revoked.ok) return revoked.code === "not_revocable" ? notRevocable : done;
  return revoked.until === undefined
    ? done
    : { ok: true, body: { until: new Date(revoked.until).toISOString() } };
}
