import { checkHistory } from "../history/check.ts";
import type { Violation } from "../history/types.ts";
import type { World } from "../load/world.ts";
import { defaults } from "./stage.ts";

/** Whom a quiet history shows to be lost or let in. What was slow is not asked about. */
export function wrongIn({ operations, subject }: World): readonly Violation[] {
  const promised = { bound: subject.bound, answer: Number.POSITIVE_INFINITY, grace: defaults.grace * 1000 };
  const found = checkHistory({ operations, faults: [], stalls: [] }, promised);
  return found.filter(({ kind }) => kind !== "H");
}
