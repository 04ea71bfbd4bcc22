import type { Refusal } from "../../errors.ts";
import { judgeClaims } from "../../session/judge.ts";
import { publicSession, publicUser, rowlessSession } from "../../session/view.ts";
import type { AccessClaims } from "../../token/access.ts";
import type { Client, Loaded } from "../../types.ts";
import type { StrategyContext, Verified } from "../strategy.ts";
import { viewClaims } from "./claims.ts";

/** What a token shows by itself; what more there is, and whether the store still agrees, one read tells. */
export function fromClaims(context: StrategyContext, claims: AccessClaims, client: Client): Verified {
  const load = (): Promise<Loaded | Refusal> => loadClaims(context, claims, client);
  return { ok: true, user: { id: claims.sub, roles: claims.roles }, session: viewClaims(claims), load };
}

async function loadClaims(
  { store }: StrategyContext,
  claims: AccessClaims,
  client: Client,
): Promise<Loaded | Refusal> {
  // A token that names the begin of a session has a row behind it.
  const required = claims.sst !== undefined;
  const judged = judgeClaims(
    await store.readSession(claims.sid, claims.sub),
    client.name,
    claims.epo,
    required,
  );
  if (!judged.ok) return judged;
  const session =
    judged.session === undefined
      ? rowlessSession(viewClaims(claims), { ip: null, userAgent: null })
      : publicSession(judged.session);
  return { ok: true, user: publicUser(judged.user, judged.now), session };
}

/** A check by the store: the roles are those of this moment, and a revocation is seen at once. */
export async function fromStore(
  context: StrategyContext,
  claims: AccessClaims,
  client: Client,
  required: boolean,
): Promise<Verified | Refusal> {
  const read = await context.store.readSession(claims.sid, claims.sub);
  const judged = judgeClaims(read, client.name, claims.epo, required);
  if (!judged.ok) return judged;
  const { user, session } = judged;
  if (session !== undefined) context.touch(session, read.now);
  return { ...fromClaims(context, claims, client), user: { id: user.id, roles: user.roles } };
}
