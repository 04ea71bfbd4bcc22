import type { NewUser, UserRecord } from "../../../types.ts";
import { type Answer, makeUser } from "../../records.ts";
import { fromUser, toUser } from "../rows.ts";
import type { UsersTable } from "../schema.ts";
import { first, run, type Scope, type Script } from "../script.ts";
import { lockStore } from "./locks.ts";

/** Adds the user, or undefined if another one has the address. */
export function* insertUser({ db, now }: Scope, input: NewUser): Script<UserRecord | undefined> {
  const user = makeUser(input, now);
  const insert = db
    .insertInto("latchkey_users")
    .values(fromUser(user))
    .onConflict((it) => it.column("email").doNothing());
  if ((yield* first(insert.returning("id"))) === undefined) return undefined;
  yield* insertRoles(db, user.id, user.roles);
  return user;
}

export function* createUser(scope: Scope, input: NewUser, unlessRole?: string): Script<Answer<"createUser">> {
  if (unlessRole !== undefined) {
    yield* lockStore(scope);
    if (yield* hasRole(scope, unlessRole)) return { ok: false, code: "role_taken" };
  }
  const user = yield* insertUser(scope, input);
  return user === undefined ? { ok: false, code: "email_taken" } : { ok: true, user };
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

/** Changes a user if there is one. */
export function* changeUser(
  { db }: Scope,
  id: string,
  change: Partial<Omit<UsersTable, "id" | "version">>,
  raise: { readonly version: 0 | 1; readonly epoch: 0 | 1 },
): Script<Answer<"updateUser">> {
  const row = yield* first(
    db
      .updateTable("latchkey_users")
      .set(change)
      .set((eb) => ({ version: eb("version", "+", raise.version), epoch: eb("epoch", "+", raise.epoch) }))
      .where("id", "=", id)
      .returningAll(),
  );
  return row === undefined ? { ok: false, code: "user_not_found" } : { ok: true, user: toUser(row) };
}

export function* setRoles(scope: Scope, id: string, roles: readonly string[]): Script<Answer<"setRoles">> {
  const changed = yield* changeUser(scope, id, { roles: JSON.stringify(roles) }, { version: 1, epoch: 0 });
  if (!changed.ok) return changed;
  yield* removeRoles(scope, id);
  yield* insertRoles(scope.db, id, roles);
  return changed;
}

export function* removeRoles({ db }: Scope, userId: string): Script<void> {
  yield* run(db.deleteFrom("latchkey_user_roles").where("user_id", "=", userId));
}

function* insertRoles(db: Scope["db"], userId: string, roles: readonly string[]): Script<void> {
  // One statement a role, so that its text does not depend on their number: texts are prepared and kept.
  for (const role of new Set(roles)) {
    yield* run(db.insertInto("latchkey_user_roles").values({ user_id: userId, role }));
  }
}
