import type { Store } from "../../../types.ts";
import { changePassword } from "../sign-in.ts";
import * as standing from "../standing.ts";
import type { Run } from "../tables.ts";
import * as users from "../users.ts";

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
  return {
    createUser: (user, options = {}) => run((t, now) => users.createUser(t, user, options, now)),
    findUser: (by) => run((t) => users.findUser(t, by)),
    listUsers: (query) => run((t, now) => users.listUsers(t, query, now)),
    hasRole: (role) => run((t) => users.hasRole(t, role)),
    syncUser: (user, options = {}) => run((t, now) => standing.syncUser(t, user, options, now)),
    updateUser: (id, patch, options = {}) => run((t, now) => users.updateUser(t, id, patch, options, now)),
    setRoles: (id, roles, options = {}) => run((t, now) => standing.setRoles(t, id, roles, options, now)),
    banUser: (id, ban, options = {}) => run((t, now) => standing.banUser(t, id, ban, options, now)),
    unbanUser: (id, options = {}) => run((t, now) => standing.unbanUser(t, id, options, now)),
    deleteUser: (id, options = {}) => run((t, now) => standing.deleteUser(t, id, options, now)),
    changePassword: (change) => run((t, now) => changePassword(t, change, now)),
  };
}
