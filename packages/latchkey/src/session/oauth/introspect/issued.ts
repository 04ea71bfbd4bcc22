import { scopeMember } from "../../../lib/oauth/scope.ts";
import type { ExchangedClaims } from "../../../token/signed/exchanged.ts";
import type { SessionRead, Settings } from "../../../types.ts";
import type { ApiContext } from "../../context.ts";
import { judgeClaims, judgeUser } from "../../judge.ts";
import { readGlobalEpoch } from "../global-epoch.ts";
import { findIssued, type IssuedToken } from "./find-issued.ts";
import { type ActiveToken, username } from "./own.ts";

/** What a token is worth that we issued to others. Of a service that was taken out of the configuration: nothing. */
export async function introspectIssued(context: ApiContext, value: string): Promise<ActiveToken | undefined> {
  const keyring = await context.keyring();
  const issued = await findIssued(context, keyring, value);
  if (issued === undefined || !isKnown(context.settings, issued.claims.client_id)) return undefined;
  const judged = await judge(context, issued);
  if (!judged.ok) return undefined;
  const since = await context.keyringSince(judged.keysVersion);
  // Its key may have been compromised since it was found good.
  if (since !== keyring && (await findIssued(context, since, value)) === undefined) return undefined;
  const { iss, aud, sub, client_id, exp, iat, jti, scope } = issued.claims;
  return {
    active: true,
    ...{ client_id, token_type: "Bearer", exp, iat, sub, aud, iss, jti },
    ...username(judged.email),
    ...scopeMember(scope?.split(" ") ?? []),
    ...(issued.kind === "exchanged" ? { sid: issued.claims.sid } : {}),
  };
}

function isKnown({ clients, services }: Settings, clientId: string): boolean {
  return clients.has(clientId) || services.has(clientId);
}

type Judged =
  | { readonly ok: true; readonly keysVersion: number; readonly email: string | null }
  | { readonly ok: false };

async function judge({ store }: ApiContext, issued: IssuedToken): Promise<Judged> {
  if (issued.kind === "service") {
    const { globalEpoch, keysVersion } = await readGlobalEpoch(store);
    return issued.claims.epo[0] < globalEpoch ? { ok: false } : { ok: true, keysVersion, email: null };
  }
  const { sid, sub } = issued.claims;
  const read = await store.readSession(sid, sub);
  const judged = judgeExchanged(read, issued.claims);
  return judged.ok ? { ok: true, keysVersion: read.keysVersion, email: judged.user.email } : judged;
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
