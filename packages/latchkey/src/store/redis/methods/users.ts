import type { Store } from "../../../types.ts";
import type { Answer } from "../../records.ts";
import { toSession } from "../rows/session.ts";
import { toUser, type UserRow } from "../rows/user.ts";
import type { InRows, Run } from "../run/run.ts";
import { userScripts } from "../scripts/users/all.ts";
import { auditInput, fromInput, userInput } from "./input.ts";
import { listUsers } from "./list.ts";

type Methods =
  | "createUser"
  | "findUser"
  | "listUsers"
  | "hasRole"
  | "syncUser"
  | "updateUser"
  | "setRoles"
  | "banUser"
  | "unbanUser"
  | "deleteUser"
  | "changePassword";

/** The port's methods of users. */
export function userMethods(run: Run): Pick<Store, Methods> {
  const { create, find, hasRole, sync, update, setRoles, ban, unban, remove, changePassword } = userScripts;
  return {
    async createUser(user, { unlessRole, audit } = {}) {
      const input = { create: userInput(user), unlessRole, audit: auditInput(audit) };
      const made = await run<InRows<Answer<"createUser">>>("step", create, input);
      return made.ok ? { ...made, user: toUser(made.user) } : made;
    },
    async findUser(by) {
      const { user } = await run<{ user: UserRow | null }>("read", find, by);
      return user === null ? undefined : toUser(user);
    },
    listUsers: (query) => listUsers(run, query),
    async hasRole(role) {
      return (await run<{ done: boolean }>("read", hasRole, { role })).done;
    },
    async syncUser(user, { from, audit } = {}) {
      const input = { external: userInput(user), from: fromInput(from), audit: auditInput(audit) };
      const synced = await run<InRows<Answer<"syncUser">>>("revoke", sync, input);
      return synced.ok ? { ...synced, user: toUser(synced.user) } : synced;
    },
    async updateUser(id, { name }, { audit } = {}) {
      const input = { id, name, foundByName: name?.toLowerCase(), audit: auditInput(audit) };
      const updated = await run<InRows<Answer<"updateUser">>>("step", update, input);
      return updated.ok ? { ...updated, user: toUser(updated.user) } : updated;
    },
    async setRoles(id, roles, { keepOneOf, audit } = {}) {
      const input = { id, roles: JSON.stringify(roles), keepOneOf, audit: auditInput(audit) };
      const changed = await run<InRows<Answer<"setRoles">>>("revoke", setRoles, input);
      return changed.ok ? { ...changed, user: toUser(changed.user) } : changed;
    },
    async banUser(id, { until, reason }, { keepOneOf, epoch, audit } = {}) {
      const input = { id, until, reason, keepOneOf, epoch, audit: auditInput(audit) };
      const banned = await run<InRows<Answer<"banUser">>>("revoke", ban, input);
      return banned.ok ? { ...banned, user: toUser(banned.user) } : banned;
    },
    async unbanUser(id, { audit } = {}) {
      const freed = await run<InRows<Answer<"unbanUser">>>("revoke", unban, { id, audit: auditInput(audit) });
      return freed.ok ? { ...freed, user: toUser(freed.user) } : freed;
    },
    deleteUser(id, { keepOneOf, epoch, audit } = {}) {
      return run("revoke", remove, { id, keepOneOf, epoch, audit: auditInput(audit) });
    },
    async changePassword({ audit, ...change }) {
      const input = { ...change, audit: auditInput(audit) };
      const changed = await run<InRows<Answer<"changePassword">>>("revoke", changePassword, input);
      if (!changed.ok) return changed;
      return {
        ...changed,
        user: toUser(changed.user),
        session: changed.session && toSession(changed.session),
      };
    },
  };
}
