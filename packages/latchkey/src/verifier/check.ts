import { LatchkeyError, type Refusal, refuse } from "../errors.ts";
import { grants } from "../lib/access/roles.ts";
import { chain, type MaybePromise } from "../lib/maybe-promise.ts";
import { checkAccessToken } from "../token/access.ts";
import { checkExchangedToken } from "../token/signed/exchanged.ts";
import type { RequestLike } from "../types.ts";
import { accepted, type Said, sayAccess, sayExchanged, type VerifiedToken } from "./accept.ts";
import type { Parts } from "./parts.ts";

const bearer = /^bearer +([^\s,]+)$/i;

export function readBearer(request: RequestLike): string | Refusal {
  const authorization = request.headers.get("authorization");
  if (authorization === null) return refuse("credential_missing");
  return bearer.exec(authorization)?.[1] ?? refuse("credential_invalid");
}

export function check(parts: Parts, token: string): MaybePromise<VerifiedToken | Refusal> {
  const { live, cache, findTime, keys } = parts;
  const now = findTime();
  const known = live.isCurrent(now) ? cache.find(token, 0, token.length, "", now) : undefined;
  if (known !== undefined) return known;
  const searched = keys.find(token);
  return chain(searched, () => chain(readToken(parts, token), (said) => judge(parts, token, said)));
}

/** What the token says, if its mark is the server's. */
function readToken(
  { settings, keys, clock }: Parts,
  token: string,
): MaybePromise<{ readonly said: Said; readonly expired: boolean } | undefined> {
  const { issuer, audience, own } = settings;
  const base = { keys: keys.current() ?? new Map(), issuer, now: clock() };
  if (own) {
    return chain(checkAccessToken({ ...base, audience }, token), (checked) =>
      checked === undefined
        ? undefined
        : { said: sayAccess(checked.claims, checked.keyId), expired: checked.expired },
    );
  }
  const audiences = { has: (name: string) => name === audience };
  return chain(checkExchangedToken({ ...base, audiences }, token), (checked) =>
    checked === undefined
      ? undefined
      : { said: sayExchanged(checked.claims, checked.keyId), expired: checked.expired },
  );
}

/** The last word in one turn with remembering and answering (P12). */
function judge(
  { settings, keys, live, cache, clock }: Parts,
  token: string,
  checked: Awaited<ReturnType<typeof readToken>>,
): VerifiedToken | Refusal {
  if (checked === undefined)
    return refuse(keys.isOutlived(token, clock()) ? "access_expired" : "credential_invalid");
  const { said, expired } = checked;
  if (settings.clients !== null && !settings.clients.has(said.client)) return refuse("credential_invalid");
  if (expired) return refuse("access_expired");
  if (!(live.decides() && live.covers(said.life)))
    throw new LatchkeyError("stale", "what is known does not reach back as far as this token");
  const code = live.against(said.issued, clock());
  if (code !== undefined) return refuse(code);
  const withRoles = (roles: readonly string[]): VerifiedToken =>
    accepted(said, roles, permits(settings, said, roles));
  const result = withRoles(live.rolesAfter(said.issued.userId, said.issued.version) ?? said.roles);
  cache.remember(token, "", { issued: said.issued, until: said.expiresAt, result, withRoles });
  return result;
}

/** By roles, or by scopes where the token is limited to these. */
function permits(
  { roles: permissions }: Parts["settings"],
  { scopes }: Said,
  roles: readonly string[],
): (permission: string) => boolean {
  if (scopes === null) return (permission) => grants(permissions, roles, permission);
  const byScope = new Map([["scope", scopes]]);
  return (permission) => grants(byScope, ["scope"], permission);
}
