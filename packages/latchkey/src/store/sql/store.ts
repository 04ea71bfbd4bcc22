import { makeTold } from "../../lib/store/told.ts";
import type { Store } from "../../types.ts";
import type { SqlDriver } from "./driver.ts";
import { changeMethods } from "./methods/changes.ts";
import { keyMethods } from "./methods/keys.ts";
import { sessionMethods } from "./methods/sessions.ts";
import { userMethods } from "./methods/users.ts";
import { isKept, type Scope, type StepRunner } from "./script.ts";

/** The store over an SQL database: each method is one step. */
export function sqlStore(driver: SqlDriver): Omit<Store, "start" | "close"> {
  const { listen, tell } = makeTold();
  const write: StepRunner["write"] = async (step) => {
    let done: Scope | undefined;
    const result = await driver.write((scope) => {
      // Begun anew, it is another one; what is told is what the last of them has written.
      done = scope;
      return step(scope);
    });
    if (done !== undefined && isKept(result)) tell(done.changes, done.now);
    return result;
  };
  const telling = { ...driver, write };
  return {
    ...keyMethods(telling),
    ...userMethods(telling),
    ...sessionMethods(telling),
    ...changeMethods(telling),
    listen,
  };
}
