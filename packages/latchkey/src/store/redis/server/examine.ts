import type { Logger } from "../../../types.ts";
import { type Allowances, judge, warnings } from "./judge.ts";
import type { ServerState } from "./state.ts";

/** Looks at a server before it is used, and again now and then; throws `misuse` if it is not fit. */
export function makeExaminer(allowed: Allowances, logger: Logger | undefined): (state: ServerState) => void {
  const warned = new Set<string>();
  return (state) => {
    judge(state, allowed);
    for (const warning of warnings(state, allowed.kind)) {
      if (!warned.has(warning)) logger?.warn({ server: state.version }, warning);
      warned.add(warning);
    }
  };
}
