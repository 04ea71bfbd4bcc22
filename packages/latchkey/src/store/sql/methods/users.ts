import type { Store } from "../../../types.ts";
import type { StepRunner } from "../script.ts";
import { changePassword } from "../steps/users/change-password.ts";
import { listUsers } from "../steps/users/list-users.ts";
import * as standing from "../steps/users/standing.ts";
import { syncUser } from "../steps/users/sync-user.ts";
import * as users from "../steps/users/users.ts";

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
export function userMethods({ read, write }: StepRunner): Pick<Store, Methods> {
  return {
    createUser: (user, options = {}) => write((scope) => users.createUser(scope, user, options)),
    findUser: (by) => read((scope) => users.findUser(scope, by)),
    listUsers: (query) => read((scope) => listUsers(scope, query)),
    hasRole: (role) => read((scope) => users.hasRole(scope, role)),
    syncUser: (user, options = {}) => write((scope) => syncUser(scope, user, options)),
    updateUser: (id, patch, options = {}) => write((scope) => users.updateUser(scope, id, patch, options)),
    setRoles: (id, roles, options = {}) => write((scope) => standing.setRoles(scope, id, roles, options)),
    banUser: (id, ban, options = {}) => write((scope) => standing.banUser(scope, id, ban, options)),
    unbanUser: (id, options = {}) => write((scope) => standing.unbanUser(scope, id, options)),
    deleteUser: (id, options = {}) => write((scope) => standing.deleteUser(scope, id, options)),
    changePassword: (change) => write((scope) => changePassword(scope, change)),
  };
}
