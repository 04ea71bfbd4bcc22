import { type ErrorCode, type Refusal, refuse } from "../../errors.ts";
import { randomToken } from "../../lib/crypto/random.ts";
import { publicUser } from "../../session/view.ts";
import type { AuditEntry, NewExternalUser, NewUser, StoreRefusal, UserRecord } from "../../types.ts";
import { makeCheckPassword } from "../password/check.ts";
import type { AccountParts, Accounts } from "./accounts.ts";

/** Accounts in our own table: one step of the store each, and nothing to bring up to date. */
export function ownAccounts({ store, hasher, settings, clock, events }: AccountParts): Accounts {
  const checkPassword = makeCheckPassword({ hasher });
  const isPassword = async ({ passwordHash }: UserRecord, password: string): Promise<boolean> =>
    passwordHash !== null && (await hasher.verify(passwordHash, password));
  const newUser = async ({ password, ...account }: NewExternalUser): Promise<NewUser> => ({
    ...account,
    id: randomToken(16),
    passwordHash: await hasher.hash(password),
  });
  const told = <Done extends { readonly ok: true }>(
    audit: AuditEntry,
    result: Done | StoreRefusal<ErrorCode>,
  ): Done | Refusal => {
    if (!result.ok) return refuse(result.code);
    events.emit(audit);
    return result;
  };
  return {
    isPassword,
    lacks: () => undefined,
    findId: async (email) => (await store.findUser({ email }))?.id,
    async prove(email, password) {
      const found = await store.findUser({ email });
      const user = await checkPassword(found, password);
      if (user !== undefined) return { ok: true, id: user.id, epoch: user.epoch };
      return { ok: false, code: "invalid_credentials", userId: found?.id ?? null };
    },
    signUp: async (account) => ({ create: await newUser(account) }),
    async create(account, { unlessRole, audit }) {
      const user = await newUser(account);
      const entry = audit(user.id);
      const created = await store.createUser(user, { unlessRole, audit: entry });
      return told(entry, created);
    },
    async changePassword({ id, epoch, passwordHash: old }, current, next) {
      if (old === null || !(await hasher.verify(old, current))) return refuse("wrong_password");
      const change = { userId: id, epoch, passwordHash: await hasher.hash(next) };
      return {
        ok: true,
        // Conditional on the epoch read with the old hash: two changes at once, or one racing a ban, cannot both win.
        async write(keep, audit) {
          const changed = await store.changePassword({ ...change, keep, audit });
          return changed.ok ? changed : refuse(changed.code);
        },
      };
    },
    async setName(userId, name, audit) {
      return told(audit, await store.updateUser(userId, { name }, { audit }));
    },
    async remove(userId, { epoch, audit }) {
      return told(audit, await store.deleteUser(userId, { epoch, keepOneOf: settings.adminRoles, audit }));
    },
    bringUpToDate: async () => {},
    async changed(userId) {
      const user = await store.findUser({ id: userId });
      if (user === undefined) return refuse("user_not_found");
      return { ok: true, user: publicUser(user, clock()), changed: [], revoked: 0 };
    },
    known: (_, step) => step(),
  };
}
