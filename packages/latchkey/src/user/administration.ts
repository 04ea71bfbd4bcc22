import { type Refusal, refuse } from "../errors.ts";
import type { ApiContext } from "../session/context.ts";
import { auditEntry } from "../session/events/entry.ts";
import { publicUser } from "../session/view.ts";
import type { AuditEntry, AuthApi, PublicUser, UserRecord } from "../types.ts";
import { checkRoles } from "./text.ts";

type AdministrationApi = Pick<
  AuthApi,
  "listUsers" | "listEvents" | "banUser" | "unbanUser" | "setRole" | "removeUser"
>;

/** Longest ban that ends by itself, in seconds: a thousand years. */
const maxBan = 1000 * 365 * 86_400;
const badExpiry = refuse("invalid_input", { detail: "expiresIn: a positive number of seconds." });

const defaultLimit = 50;
const maxLimit = 200;

/** What administrators do to others. Whoever calls has been allowed to. */
export function administrationApi(context: ApiContext): AdministrationApi {
  const { store, accounts, clock, settings, events } = context;
  const keepOneOf = settings.adminRoles;
  const told = <Result extends { readonly ok: boolean }>(audit: AuditEntry, result: Result): Result => {
    if (result.ok) events.emit(audit);
    return result;
  };
  return {
    async listUsers({ limit, ...query } = {}) {
      const users = await store.listUsers({ ...query, limit: clamp(limit) });
      return users.map((user) => publicUser(user, clock()));
    },
    listEvents: ({ limit, ...query } = {}) => store.listAudit({ ...query, limit: clamp(limit) }),
    async banUser({ userId, reason = null, expiresIn }, call = {}) {
      if (expiresIn !== undefined && !(expiresIn > 0 && expiresIn < maxBan)) return badExpiry;
      const until = expiresIn === undefined ? null : clock() + expiresIn * 1000;
      const audit = auditEntry("user_banned", call, { userId, detail: { reason, until } });
      const ban = () => store.banUser(userId, { until, reason }, { keepOneOf, audit });
      const banned = told(audit, await accounts.known(userId, ban));
      return banned.ok ? { ok: true, revoked: banned.ended } : refuse(banned.code);
    },
    async unbanUser({ userId }, call = {}) {
      const audit = auditEntry("user_unbanned", call, { userId });
      return shown(clock(), told(audit, await store.unbanUser(userId, { audit })));
    },
    async setRole({ userId, roles }, call = {}) {
      const refusal = checkRoles(roles, settings.namedRoles);
      if (refusal !== undefined) return refusal;
      const audit = auditEntry("roles_changed", call, { userId, detail: { roles } });
      const set = () => store.setRoles(userId, roles, { keepOneOf, audit });
      return shown(clock(), told(audit, await accounts.known(userId, set)));
    },
    async removeUser({ userId }, call = {}) {
      const lacking = accounts.lacks("deleteUser");
      if (lacking !== undefined) return lacking;
      const removed = await accounts.remove(userId, { audit: auditEntry("user_deleted", call, { userId }) });
      return removed.ok ? { ok: true, revoked: removed.ended } : removed;
    },
  };
}

function clamp(limit: number | undefined): number {
  return Math.min(maxLimit, Math.max(1, Math.floor(limit ?? defaultLimit)));
}

function shown(
  now: number,
  result:
    | { readonly ok: true; readonly user: UserRecord }
    | { readonly ok: false; readonly code: Refusal["code"] },
): { readonly ok: true; readonly user: PublicUser } | Refusal {
  return result.ok ? { ok: true, user: publicUser(result.user, now) } : refuse(result.code);
}
