import type { ExternalUser, GuardedStepOptions, StepOptions, UserRecord } from "../../types.ts";
import { type Answer, makeUser } from "../records.ts";
import { bringUpToDate, isAsRead, withBan, withoutBan, withRoles } from "../rules/changes.ts";
import { isInCharge, leavesCharge } from "../rules/in-charge.ts";
import { readyAudit } from "./audit.ts";
import { endLive, liveSessionsOf, removeUser, replaceUser, type Tables } from "./tables.ts";
import { insertUser } from "./users.ts";

const notFound = { ok: false, code: "user_not_found" } as const;
const last = { ok: false, code: "last_administrator" } as const;

export function setRoles(
  tables: Tables,
  id: string,
  roles: readonly string[],
  { audit, keepOneOf }: GuardedStepOptions,
  now: number,
): Answer<"setRoles"> {
  const writeAudit = readyAudit(tables, audit, now);
  const before = tables.users.get(id);
  if (before === undefined) return notFound;
  if (before.externalRoles) return { ok: false, code: "kept_elsewhere" };
  const user = withRoles(before, roles, now);
  if (isLast(tables, before, user, keepOneOf, now)) return last;
  if (user === before) return { ok: true, user };
  writeAudit();
  return { ok: true, user: replaceUser(tables, user) };
}

export function banUser(
  tables: Tables,
  id: string,
  ban: { readonly until: number | null; readonly reason: string | null },
  { audit, keepOneOf, epoch }: GuardedStepOptions & { readonly epoch?: number | undefined },
  now: number,
): Answer<"banUser"> {
  const writeAudit = readyAudit(tables, audit, now);
  const before = tables.users.get(id);
  if (before === undefined) return notFound;
  if (epoch !== undefined && before.epoch !== epoch) return { ok: false, code: "conflict" };
  const user = withBan(before, ban, now);
  if (isLast(tables, before, user, keepOneOf, now)) return last;
  const ended = endAll(tables, id, "banned", now);
  writeAudit();
  return { ok: true, user: replaceUser(tables, user), ended };
}

export function unbanUser(
  tables: Tables,
  id: string,
  { audit }: StepOptions,
  now: number,
): Answer<"unbanUser"> {
  const writeAudit = readyAudit(tables, audit, now);
  const before = tables.users.get(id);
  if (before === undefined) return notFound;
  const user = withoutBan(before, now);
  if (user === before) return { ok: true, user };
  writeAudit();
  return { ok: true, user: replaceUser(tables, user) };
}

export function deleteUser(
  tables: Tables,
  id: string,
  { audit, keepOneOf, epoch }: GuardedStepOptions & { readonly epoch?: number | undefined },
  now: number,
): Answer<"deleteUser"> {
  const writeAudit = readyAudit(tables, audit, now);
  const user = tables.users.get(id);
  if (user === undefined) return notFound;
  if (epoch !== undefined && user.epoch !== epoch) return { ok: false, code: "conflict" };
  if (isLast(tables, user, undefined, keepOneOf, now)) return last;
  const ended = endAll(tables, id, "user_deleted", now);
  removeUser(tables, user, now);
  writeAudit();
  return { ok: true, ended };
}

export function syncUser(
  tables: Tables,
  external: ExternalUser,
  { audit, from }: StepOptions & { readonly from?: UserRecord | null | undefined },
  now: number,
): Answer<"syncUser"> {
  const writeAudit = readyAudit(tables, audit, now);
  const found = tables.users.get(external.id);
  if (from !== undefined && !isAsRead(found, from)) return { ok: false, code: "conflict" };
  const made = { ...external, roles: external.roles ?? [], passwordHash: null };
  const before = found ?? makeUser(made, now, tables.userFloor);
  const user = bringUpToDate(before, external, now);
  if (user === found) return { ok: true, user, ended: 0 };
  const ended = user.epoch > before.epoch ? endAll(tables, user.id, "banned", now) : 0;
  freeAddress(tables, external);
  if (found === undefined) insertUser(tables, user);
  else replaceUser(tables, user);
  writeAudit();
  return { ok: true, user, ended };
}

/** An address is one user's. What the application says now is true, so our record of another who had it is not. */
function freeAddress(tables: Tables, { id, email }: ExternalUser): void {
  const owner = email === null ? undefined : tables.users.get(tables.userIdByEmail.get(email) ?? "");
  if (owner !== undefined && owner.id !== id) replaceUser(tables, { ...owner, email: null });
}

/** Whether the change would leave nobody in charge. */
function isLast(
  tables: Tables,
  before: UserRecord,
  after: UserRecord | undefined,
  roles: readonly string[] = [],
  now: number,
): boolean {
  if (!leavesCharge(before, after, roles, now)) return false;
  return ![...tables.users.values()].some((it) => it.id !== before.id && isInCharge(it, roles, now));
}

function endAll(tables: Tables, userId: string, reason: "banned" | "user_deleted", now: number): number {
  const live = liveSessionsOf(tables, userId, now);
  for (const session of live) endLive(tables, session, reason, now);
  return live.length;
}
