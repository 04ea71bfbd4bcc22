import { LatchkeyError, type Refusal, refuse } from "../../../errors.ts";
import { auditEntry } from "../../../session/events/entry.ts";
import type { AuditEntry, NewExternalUser, UserRecord } from "../../../types.ts";
import type { Accounts, Proven } from "../accounts.ts";
import { noteOf, type Sides, syncNow, syncOnce } from "./sync.ts";

/** Coming in with an account that the application keeps. */
export function signInWith(sides: Sides): Pick<Accounts, "findId" | "prove" | "signUp" | "create"> {
  return {
    findId: async (email) => (await sides.table.findByEmail(email))?.id,
    prove: (email, password) => prove(sides, email, password),
    async signUp(account) {
      // What is written down of a sign-up is written by the step that opens the session.
      const made = await make(sides, account, () => undefined);
      return made.ok ? { id: made.user.id, epoch: made.user.epoch } : made;
    },
    async create(account, { unlessRole, audit }) {
      // Who is first is decided in one step of our own table; between two tables there is no such step.
      if (unlessRole !== undefined) return refuse("kept_elsewhere", { detail: "firstOf: not with `users`." });
      const made = await make(sides, account, audit);
      // Where the application keeps no roles they are ours to give.
      if (!made.ok || made.user.externalRoles || account.roles.length === 0) return made;
      const given = await sides.store.setRoles(made.user.id, account.roles);
      return given.ok ? given : refuse(given.code);
    },
  };
}

/**
 * In this order: the address, our record, the password, and what the table says of the user then. Whatever is revoked
 * or banned after the record was read meets its epoch in the step that opens the session; whatever was before is seen
 * in the table, for it is read later. The record is brought up to date only by who knows the password.
 */
async function prove(sides: Sides, email: string, password: string): Promise<Proven> {
  const { table, store } = sides;
  const userId = (await table.findByEmail(email))?.id ?? null;
  // Looked for also where there is nobody: the same work for both.
  const from = (await store.findUser({ id: userId ?? "" })) ?? null;
  const isRight = await table.checkPassword(userId, password);
  if (userId === null || !isRight) return { ok: false, code: "invalid_credentials", userId };
  const synced = await syncOnce(sides, userId, from, noteOf({}));
  if (!synced.ok) return synced;
  if (synced.user === undefined) return { ok: false, code: "invalid_credentials", userId };
  return from === null
    ? proveAgain(sides, email, password, userId)
    : { ok: true, id: userId, epoch: from.epoch };
}

/** Of somebody new to us nothing could be revoked until now: the table is looked at once more, password and all. */
async function proveAgain(sides: Sides, email: string, password: string, userId: string): Promise<Proven> {
  const proven = await prove(sides, email, password);
  // They may be gone by now: then so is the record that was just made.
  if (!proven.ok) await syncNow(sides, userId, noteOf({}));
  return proven;
}

/** Makes the account there and the record here; `entry` says who made it, and later looks speak for themselves. */
async function make(
  sides: Sides,
  account: NewExternalUser,
  entry: (userId: string) => AuditEntry | undefined,
): Promise<{ readonly ok: true; readonly user: UserRecord } | Refusal> {
  const made = await sides.table.createUser(account);
  if (made === "email_taken") return refuse("email_taken");
  // An id that was given just now is nobody's yet: what stands under it here is left from somebody who is gone.
  const audit = auditEntry("user_deleted", {}, { userId: made.id, detail: { gone: true } });
  const left = await sides.store.deleteUser(made.id, { audit });
  if (left.ok) sides.events.emit(audit);
  const { user } = await syncNow(sides, made.id, (userId, changed, found) =>
    changed.includes("created") ? entry(userId) : noteOf({})(userId, changed, found),
  );
  if (user !== undefined) return { ok: true, user };
  throw new LatchkeyError("cannot_tell", "users.findById does not find whom users.createUser has made");
}
