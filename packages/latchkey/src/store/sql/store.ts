import type { Store } from "../../types.ts";
import type { SqlDriver } from "./driver.ts";
import { changeMethods } from "./methods/changes.ts";
import { keyMethods } from "./methods/keys.ts";
import { sessionMethods } from "./methods/sessions.ts";
import { userMethods } from "./methods/users.ts";

/** The store over an SQL database: each method is one step. */
export function sqlStore(driver: SqlDriver): Omit<Store, "start" | "close"> {
  return {
    ...keyMethods(driver),
    ...userMethods(driver),
    ...sessionMethods(driver),
    ...changeMethods(driver),
  };
}
