import { findForked } from "./rules/forked.ts";
import { findLetIn } from "./rules/let-in.ts";
import { findLost } from "./rules/lost.ts";
import { findOverwritten } from "./rules/overwritten.ts";
import { findSlow } from "./rules/slow.ts";
import { makeTimeline } from "./timeline.ts";
import type { History, Promised, Violation } from "./types.ts";

/** Holds a history against what is promised. The violations, oldest first; none: nothing was found. */
export function checkHistory(history: History, promised: Promised): readonly Violation[] {
  const timeline = makeTimeline(history);
  return [
    ...findLost(history, timeline, promised),
    ...findLetIn(history, timeline, promised),
    ...findForked(history),
    ...findSlow(history, timeline, promised),
    ...findOverwritten(history),
  ].sort((a, b) => a.at - b.at);
}
