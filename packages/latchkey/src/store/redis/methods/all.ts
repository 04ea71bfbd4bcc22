import type { Store } from "../../../types.ts";
import type { Run } from "../run/run.ts";
import { changeMethods, type Wait } from "./changes.ts";
import { keyMethods } from "./keys.ts";
import { sessionMethods } from "./sessions.ts";
import { userMethods } from "./users.ts";

/** The port's methods, but for those of its life. */
export function allMethods(run: Run, wait: Wait): Omit<Store, "start" | "close"> {
  return { ...keyMethods(run), ...userMethods(run), ...sessionMethods(run), ...changeMethods(run, wait) };
}
