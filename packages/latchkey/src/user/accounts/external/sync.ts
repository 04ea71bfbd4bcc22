import { LatchkeyError } from "../../../errors.ts";
import { changesOf } from "../../../lib/standing.ts";
import { auditEntry } from "../../../session/events/entry.ts";
import type {
  AuditEntry,
  CallContext,
  ExternalChange,
  ExternalUser,
  StoreRefusal,
  UserRecord,
} from "../../../types.ts";
import type { AccountParts } from "../accounts.ts";
import type { ExternalTable } from "./table.ts";

/** How often a record is read again because somebody else has changed it. */
const maxAttempts = 20;

/** The application's table beside our store. */
export interface Sides extends Pick<AccountParts, "store" | "settings" | "events" | "clock"> {
  readonly table: ExternalTable;
}

/** Our record once it says what the application's table said. */
export interface Synced {
  readonly ok: true;
  /** undefined: gone. */
  readonly user: UserRecord | undefined;
  readonly changed: readonly ExternalChange[];
  /** How many sessions ended. */
  readonly ended: number;
}

/** Writes down what was new of a user; undefined: another step does. */
export type Note = (
  userId: string,
  changed: readonly ExternalChange[],
  user?: ExternalUser,
) => AuditEntry | undefined;

/** The entry for what nobody of ours did. */
export function noteOf(call: CallContext): Note {
  return (userId, changed, user) => {
    if (user === undefined) return auditEntry("user_deleted", call, { userId, detail: { gone: true } });
    const { roles, status } = user;
    return auditEntry("user_synced", call, { userId, detail: { changed, roles, status } });
  };
}

/**
 * Reads the application's table and brings the record `from`, read before it, up to date. `conflict` if that one is not
 * ours any more: then somebody may have read the table later than we did, and what they wrote must stay.
 */
export async function syncOnce(
  sides: Sides,
  userId: string,
  from: UserRecord | null,
  note: Note,
): Promise<Synced | StoreRefusal<"conflict">> {
  const external = await sides.table.findById(userId);
  if (external === undefined) return forget(sides, userId, from, note);
  const changed = from === null ? (["created"] as const) : changesOf(from, external);
  if (from !== null && changed.length === 0) return { ok: true, user: from, changed, ended: 0 };
  const audit = note(userId, changed, external);
  const synced = await sides.store.syncUser(external, { from, audit });
  if (!synced.ok) return synced;
  tell(sides, audit);
  return { ok: true, user: synced.user, changed, ended: synced.ended };
}

/**
 * Who is gone from the application's table is gone from ours, with every session. Who has a password here is an account
 * of our own, from before there was such a table: it is put out, but not for a table that never knew it to delete.
 */
async function forget(
  sides: Sides,
  userId: string,
  from: UserRecord | null,
  note: Note,
): Promise<Synced | StoreRefusal<"conflict">> {
  if (from === null) return { ok: true, user: undefined, changed: [], ended: 0 };
  const deleted = note(userId, ["deleted"]);
  if (from.passwordHash !== null) {
    const audit = deleted && { ...deleted, type: "sessions_revoked" as const };
    const ended = await sides.store.endSessions(userId, "revoked", { audit });
    tell(sides, audit);
    return { ok: true, user: undefined, changed: [], ended };
  }
  const removed = await sides.store.deleteUser(userId, { epoch: from.epoch, audit: deleted });
  if (!removed.ok) return { ok: false, code: "conflict" };
  tell(sides, deleted);
  return { ok: true, user: undefined, changed: ["deleted"], ended: removed.ended };
}

/**
 * The same, read anew whenever somebody came between; and once more where the record was made by it: while there was
 * none, a ban or a deletion had nothing to conflict with.
 */
export async function syncNow(sides: Sides, userId: string, note: Note, known?: UserRecord): Promise<Synced> {
  let from = known ?? (await findRecord(sides, userId));
  const before: ExternalChange[] = [];
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const synced = await syncOnce(sides, userId, from, note);
    const isNew = synced.ok && synced.changed.includes("created");
    if (synced.ok && !isNew) return { ...synced, changed: [...before, ...synced.changed] };
    if (isNew) before.push("created");
    from = await findRecord(sides, userId);
  }
  throw new LatchkeyError("busy", "a user's record is changed faster than it can be brought up to date");
}

async function findRecord({ store }: Sides, userId: string): Promise<UserRecord | null> {
  return (await store.findUser({ id: userId })) ?? null;
}

function tell({ events }: Sides, audit: AuditEntry | undefined): void {
  if (audit !== undefined) events.emit(audit);
}
