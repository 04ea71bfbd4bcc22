import type { SubjectName } from "../node/settings.ts";
import { expressSubject } from "./express-session.ts";
import { latchkeySubject } from "./latchkey.ts";
import type { Subject } from "./subject.ts";

/** What is tried, by its name. `maxStaleness` in seconds. */
export function subjectOf(name: SubjectName, maxStaleness: number): Subject {
  return name === "latchkey" ? latchkeySubject(maxStaleness) : expressSubject();
}
