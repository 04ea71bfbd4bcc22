import type { Wake } from "../../../lib/timing/wake.ts";
import type { Store } from "../../../types.ts";
import type { Run } from "../tables.ts";
import { changeMethods } from "./changes.ts";
import { keyMethods } from "./keys.ts";
import { sessionMethods } from "./sessions.ts";
import { userMethods } from "./users.ts";

/** The port's methods, but for those of its life. */
export function allMethods(run: Run, wake: Wake): Omit<Store, "start" | "close"> {
  return { ...keyMethods(run), ...userMethods(run), ...sessionMethods(run), ...changeMethods(run, wake) };
}
