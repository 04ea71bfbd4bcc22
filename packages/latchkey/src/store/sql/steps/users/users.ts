import type { ExternalUser, NewUser, StepOptions, UserRecord } from "../../../../types.ts";
import { type Answer, floorAbove, makeUser, raised } from "../../../records.ts";
import { concerned, userChanges, withName } from "../../../rules/changes.ts";
import { searchTextOf } from "../../../rules/search.ts";
import { fromUser, toUser } from "../../rows/user.ts";
import { first, run, type Scope, type Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { lockStore, lockUser } from "../locks.ts";

/** Adds the user; `false` if another one has the address. */
export function* insertUser({ db }: Scope, user: UserRecord): Script<boolean> {
  const insert = db
    .insertInto("latchkey_users")
    .values(fromUser(user))
    .onConflict((it) => it.column("email").doNothing());
  if ((yield* first(insert.returning("id"))) === undefined) return false;
  yield* insertRoles(db, user.id, user.roles);
  return true;
}

/** Puts a changed user in the place of the one who was locked before. */
export function* replaceUser({ db, changes }: Scope, before: UserRecord, user: UserRecord): Script<void> {
  changes.push(...userChanges(before, user));
  const { id, ...row } = fromUser(user);
  yield* run(db.updateTable("latchkey_users").set(row).where("id", "=", id));
  if (user.roles === before.roles) return;
  yield* removeRoles(db, id);
  yield* insertRoles(db, id, user.roles);
}

export function* removeUser(scope: Scope, user: UserRecord): Script<void> {
  const { db, changes, now } = scope;
  const { id } = user;
  const epoch = raised(user.epoch, now);
  changes.push({ kind: "user_deleted", userId: id, epoch, ...concerned(user) });
  yield* raiseFloor(scope, floorAbove(user, now));
  yield* removeRoles(db, id);
  yield* run(db.deleteFrom("latchkey_users").where("id", "=", id));
}

/** Lets no id that comes back begin lower than that. Whoever calls has locked the store before any user. */
export function* raiseFloor({ db }: Scope, floor: number): Script<void> {
  const query = db.updateTable("latchkey_meta").set({ user_floor: floor });
  yield* run(query.where("user_floor", "<", floor));
}

/** An address is one user's. What the application says now is true, so our record of another who had it is not. */
export function* freeAddress({ db }: Scope, { id, email }: ExternalUser): Script<void> {
  if (email === null) return;
  const query = db.selectFrom("latchkey_users").select(["id", "name"]).where("email", "=", email);
  const owner = yield* first(query.where("id", "<>", id));
  if (owner === undefined) return;
  const set = { email: null, search_text: searchTextOf({ ...owner, email: null }) };
  yield* run(db.updateTable("latchkey_users").set(set).where("id", "=", owner.id));
}

export function* createUser(
  scope: Scope,
  input: NewUser,
  { unlessRole, audit }: StepOptions & { readonly unlessRole?: string | undefined },
): Script<Answer<"createUser">> {
  if (unlessRole !== undefined) {
    yield* lockStore(scope);
    if (yield* hasRole(scope, unlessRole)) return { ok: false, code: "role_taken" };
  }
  const user = makeUser(input, scope.now);
  if (!(yield* insertUser(scope, user))) return { ok: false, code: "email_taken" };
  yield* writeAudit(scope, audit);
  return { ok: true, user };
}

export function* findUser(
  { db }: Scope,
  by: { id: string } | { email: string },
): Script<UserRecord | undefined> {
  const query = db.selectFrom("latchkey_users").selectAll();
  const row = yield* first("id" in by ? query.where("id", "=", by.id) : query.where("email", "=", by.email));
  return row && toUser(row);
}

export function* hasRole({ db }: Scope, role: string): Script<boolean> {
  const query = db.selectFrom("latchkey_user_roles").select("role").where("role", "=", role).limit(1);
  return (yield* first(query)) !== undefined;
}

export function* updateUser(
  scope: Scope,
  id: string,
  { name }: { readonly name: string | null },
  { audit }: StepOptions,
): Script<Answer<"updateUser">> {
  const before = yield* lockUser(scope, id);
  if (before === undefined) return { ok: false, code: "user_not_found" };
  const user = withName(before, name);
  if (user === before) return { ok: true, user };
  yield* replaceUser(scope, before, user);
  yield* writeAudit(scope, audit);
  return { ok: true, user };
}

function* removeRoles(db: Scope["db"], userId: string): Script<void> {
  yield* run(db.deleteFrom("latchkey_user_roles").where("user_id", "=", userId));
}

function* insertRoles(db: Scope["db"], userId: string, roles: readonly string[]): Script<void> {
  // One statement a role, so that its text does not depend on their number: texts are prepared and kept.
  for (const role of new Set(roles)) {
    yield* run(db.insertInto("latchkey_user_roles").values({ user_id: userId, role }));
  }
}
