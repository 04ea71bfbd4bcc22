import { type Refusal, refuse } from "../../errors.ts";
import type { Lookup } from "../../replica/lookup.ts";
import { type JudgedClaims, judgeClaims } from "../../session/judge.ts";
import { loaded, publicSession, rowlessSession } from "../../session/view.ts";
import type { AccessClaims, CheckedAccessToken } from "../../token/access.ts";
import type { Client, Loaded } from "../../types.ts";
import type { Stands, StrategyContext, ToRemember, Verified } from "../strategy.ts";
import { viewClaims } from "./claims.ts";

/** What a token shows by itself; what more there is, and whether the store still agrees, one read tells. */
export function fromClaims(
  context: StrategyContext,
  { claims, keyId }: CheckedAccessToken,
  client: Client,
  stands: Stands,
  remember?: ToRemember,
): Verified {
  const load = (): Promise<Loaded | Refusal> => loadClaims(context, claims, client, stands);
  return {
    ok: true,
    user: { id: claims.sub, roles: claims.roles },
    session: viewClaims(claims),
    load,
    issued: {
      sessionId: claims.sid,
      userId: claims.sub,
      globalEpoch: claims.epo[0],
      userEpoch: claims.epo[1],
      sessionEpoch: claims.epo[2],
      version: claims.ver,
      keyId,
    },
    remember,
  };
}

async function loadClaims(
  context: StrategyContext,
  claims: AccessClaims,
  client: Client,
  stands: Stands,
): Promise<Loaded | Refusal> {
  // A token that names the begin of a session has a row behind it.
  const required = claims.sst !== undefined;
  const judged = await judge(context, claims, client, { stands, required });
  if (!judged.ok) return judged;
  const session =
    judged.session === undefined
      ? rowlessSession(viewClaims(claims), { ip: null, userAgent: null })
      : publicSession(judged.session);
  return loaded(context.settings, judged, session);
}

/** What a read of the store is judged by. */
interface Condition {
  readonly stands: Stands;
  /** There must be a session row. */
  readonly required: boolean;
  /** Default: one read of the store. */
  readonly read?: Lookup;
}

async function judge(
  { store }: StrategyContext,
  claims: AccessClaims,
  client: Client,
  { stands, required, read: look }: Condition,
): Promise<JudgedClaims | Refusal> {
  const { sid, sub } = claims;
  const read = await (look === undefined ? store.readSession(sid, sub) : look(sid, sub));
  if (!(await stands(read.keysVersion))) return refuse("credential_invalid");
  return judgeClaims(read, client.name, claims.epo, required);
}

/** A check by the store: the roles are those of this moment, and a revocation is seen at once. */
export async function fromStore(
  context: StrategyContext,
  token: CheckedAccessToken,
  client: Client,
  condition: Condition,
): Promise<Verified | Refusal> {
  const judged = await judge(context, token.claims, client, condition);
  if (!judged.ok) return judged;
  const { user, session, now } = judged;
  if (session !== undefined) context.touch(session, now);
  const { issued, ...shown } = fromClaims(context, token, client, condition.stands);
  return {
    ...shown,
    user: { id: user.id, roles: user.roles },
    issued: { ...issued, version: Math.max(issued.version, user.version) },
  };
}
