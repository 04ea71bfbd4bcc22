import { type Refusal, refuse } from "../../../errors.ts";
import { isBanned } from "../../../lib/standing.ts";
import type { AuditEntry, ChangePassword, OpenedSession, UserRecord } from "../../../types.ts";
import type { Accounts, RemovedAnswer } from "../accounts.ts";
import { knownTo } from "./known.ts";
import { noteOf, type Sides, syncNow } from "./sync.ts";

/** How long a user stays shut out, in milliseconds, if the application fails to delete them. */
const deletionTime = 60_000;

/** What people change of an account that the application keeps. */
export function changeWith(
  sides: Sides,
): Pick<Accounts, "isPassword" | "changePassword" | "setName" | "remove"> {
  const { table } = sides;
  return {
    isPassword: ({ id }, password) => table.checkPassword(id, password),
    async changePassword(user, current, next) {
      if (!(await table.changePassword(user.id, current, next))) return refuse("wrong_password");
      return { ok: true, write: (keep, audit) => endOthers(sides, user, keep, audit) };
    },
    async setName(userId, name, audit) {
      await table.setName(userId, name);
      const { user } = await syncNow(sides, userId, (id, changed, found) =>
        found === undefined ? noteOf({})(id, changed) : audit,
      );
      return user === undefined ? refuse("user_not_found") : { ok: true, user };
    },
    remove: (userId, options) => remove(sides, userId, options),
  };
}

/**
 * The password is another by now, so nobody who came in with the old one may stay. A conflict says that all was ended
 * meanwhile, this session too; those who came after that are ended here.
 */
async function endOthers(
  { store, events }: Sides,
  { id: userId, passwordHash, epoch }: UserRecord,
  keep: ChangePassword["keep"],
  audit: AuditEntry,
): Promise<OpenedSession | Refusal> {
  const changed = await store.changePassword({ userId, epoch, passwordHash, keep, audit });
  if (changed.ok) return changed;
  await store.endSessions(userId, "password_changed", { audit });
  events.emit(audit);
  return refuse("session_ended");
}

/**
 * Between two tables there is no one step. First a short ban: it is the step that says whether somebody would be left in
 * charge, it ends every session, and nobody comes in while the application deletes. If that fails, the ban runs out by
 * itself and all is as it was; a deletion of our record could not be taken back.
 */
async function remove(
  sides: Sides,
  userId: string,
  { epoch, audit }: Parameters<Accounts["remove"]>[1],
): Promise<RemovedAnswer> {
  const { store, table, events } = sides;
  const shut = await knownTo(sides, userId, () => shutOut(sides, userId, epoch));
  if (!shut.ok) return refuse(shut.code);
  await table.deleteUser(userId);
  const removed = await store.deleteUser(userId, { audit });
  if (!removed.ok) return shut; // somebody else saw that the user is gone, and wrote it down
  events.emit(audit);
  return { ok: true, ended: shut.ended + removed.ended };
}

async function shutOut(
  { store, settings, clock }: Sides,
  userId: string,
  epoch: number | undefined,
): ReturnType<Sides["store"]["banUser"]> {
  const user = await store.findUser({ id: userId });
  // Who is banned has no session and is not in charge. A ban of ours keeps its end and its reason.
  if (user !== undefined && isBanned(user, clock())) return { ok: true, user, ended: 0 };
  const ban = { until: clock() + deletionTime, reason: "being deleted" };
  return store.banUser(userId, ban, { keepOneOf: settings.adminRoles, epoch });
}
