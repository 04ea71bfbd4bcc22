import { type Refusal, refuse } from "../../errors.ts";
import { crypto } from "../../lib/crypto.ts";
import { type Credential, isBearer, readRefreshCookies } from "../../read/credential.ts";
import { type CheckedRefreshToken, checkRefreshToken } from "../../token/refresh.ts";
import type { AuditEntry, AuthApi, CallContext, Client, RequestLike, SignedIn } from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { auditEntry } from "../events/entry.ts";
import { clientOf, signedIn, wasRemembered } from "./answer.ts";

/** Longest `Idempotency-Key` that is taken. */
const maxKeyLength = 255;

/** Getting the next pair of tokens. */
export function refreshApi(context: ApiContext): Pick<AuthApi, "refresh"> {
  return {
    async refresh({ refreshToken }, call = {}) {
      const tokens = await findTokens(context, refreshToken, call.request);
      if ("code" in tokens) return tokens;
      let refusal: Refusal | undefined;
      for (const token of tokens) {
        const refreshed = await refreshOne(context, token, call);
        if (refreshed.ok) return refreshed;
        refusal ??= refreshed;
      }
      return refusal ?? refuse("credential_invalid");
    },
  };
}

async function refreshOne(
  context: ApiContext,
  token: CheckedRefreshToken,
  call: CallContext,
): Promise<SignedIn | Refusal> {
  const refusal = await context.guard.refresh(token.id, call.remoteAddress);
  if (refusal !== undefined) return refusal;
  const client = clientOf(context, token.client);
  const name = client.accept.find((one) => context.strategies[one].refreshes);
  if (name === undefined) return refuse("credential_invalid");
  const audit = auditEntry("refresh_reused", call, { client: client.name });
  const rotationKey = await readRotationKey(call);
  const issued = await context.strategies[name].refresh(client, token, { rotationKey, audit });
  if (!issued.ok) {
    if (issued.code === "refresh_reused") await tellOfTheft(context, token, audit);
    return issued;
  }
  if (issued.outcome === "recovered") {
    const { userId, id: sessionId } = issued.session;
    context.events.record(auditEntry("refresh_recovered", call, { userId, sessionId, client: client.name }));
  }
  return signedIn(context, client, issued, {
    remembered: wasRemembered(context, client, issued.session),
    refreshHeld: issued.outcome === "kept",
  });
}

/** The session has ended and the log says so, whatever comes of this: whose it was is for those who listen. */
async function tellOfTheft(
  { store, events }: ApiContext,
  { id }: CheckedRefreshToken,
  audit: AuditEntry,
): Promise<void> {
  const read = await store.readSession(id).catch(() => undefined);
  events.emit({ ...audit, sessionId: id, userId: read?.session?.userId ?? null });
}

/**
 * A token of the input is judged alone: cookies are then neither read nor written. Of several cookies the first that
 * holds counts, as for a check: one whose session is over must not stand in the way of another client's.
 */
async function findTokens(
  context: ApiContext,
  refreshToken: string | undefined,
  request: RequestLike | undefined,
): Promise<readonly CheckedRefreshToken[] | Refusal> {
  const found = refreshCredentials(context.settings.clients, refreshToken, request);
  if (found === "refused") return refuse("credential_invalid");
  const checked = await checkRefreshTokens(context, found);
  if (checked.length > 0) return checked;
  return refuse(found.length === 0 ? "credential_missing" : "credential_invalid");
}

/** The refresh tokens of a request: that of its body, or those of its cookies. Beside a Bearer header no cookie counts. */
export function refreshCredentials(
  clients: ReadonlyMap<string, Client>,
  refreshToken: string | undefined,
  request: RequestLike | undefined,
): readonly Credential[] | "refused" {
  const all = [...clients.values()];
  if (refreshToken === undefined)
    return request === undefined || isBearer(request) ? [] : readRefreshCookies(request, all);
  return [{ value: refreshToken, clients: all.filter(({ transport }) => transport === "bearer") }];
}

/** Those that carry our mark. No I/O. */
export async function checkRefreshTokens(
  context: ApiContext,
  found: readonly Credential[],
): Promise<readonly CheckedRefreshToken[]> {
  const { macs } = await context.keyring();
  const checked: CheckedRefreshToken[] = [];
  for (const { value, clients } of found) {
    const names = clients.map(({ name }) => name);
    const token = await checkRefreshToken(macs.refresh, names, value);
    if (token !== undefined) checked.push(token);
  }
  return checked;
}

async function readRotationKey({ request }: CallContext): Promise<string | null> {
  const key = request?.headers.get("idempotency-key") ?? null;
  return key === null || key === "" || key.length > maxKeyLength ? null : crypto.sha256(key);
}
