import type { Script } from "../../lua/piece.ts";
import { findUser, hasRole, listUsers } from "./find.ts";
import { createUser, updateUser } from "./make.ts";
import { changePassword } from "./password.ts";
import { banUser, deleteUser, setRoles, syncUser, unbanUser } from "./standing.ts";

type Name =
  | "create"
  | "find"
  | "list"
  | "hasRole"
  | "sync"
  | "update"
  | "setRoles"
  | "ban"
  | "unban"
  | "remove"
  | "changePassword";

/** The scripts of users, one for each method. */
export const userScripts: { readonly [It in Name]: Script } = {
  create: createUser,
  find: findUser,
  list: listUsers,
  hasRole,
  sync: syncUser,
  update: updateUser,
  setRoles,
  ban: banUser,
  unban: unbanUser,
  remove: deleteUser,
  changePassword,
};
