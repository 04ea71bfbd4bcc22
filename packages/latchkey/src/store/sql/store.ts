import type { Store } from "../../types.ts";
import { changeMethods, type LogDriver } from "./methods/changes.ts";
import { keyMethods } from "./methods/keys.ts";
import { sessionMethods } from "./methods/sessions.ts";
import { userMethods } from "./methods/users.ts";
import type { Scope } from "./script.ts";

/** What a database is to this room. */
export interface SqlDriver extends LogDriver {
  readonly db: Scope["db"];
}

/** The store over an SQL database: each method is one step. */
export function sqlStore(driver: SqlDriver): Omit<Store, "start" | "close"> {
  return {
    ...keyMethods(driver),
    ...userMethods(driver),
    ...sessionMethods(driver, driver.db),
    ...changeMethods(driver),
  };
}
