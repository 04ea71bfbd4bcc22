import { checkHistory } from "../history/check.ts";
import { makeTimeline } from "../history/timeline.ts";
import type { History, Operation, Promised } from "../history/types.ts";
import { ms, table } from "../run/table.ts";
import { defaults, type Measured } from "./stage.ts";

/** The node that is cut off. */
export const cutOff = 0;

/** What the node that was cut off answered before, meanwhile and after. */
export function reportCut(store: string, history: History, promised: Promised): Measured {
  const [cut] = history.faults;
  if (cut === undefined) return { text: "broken off", violations: 0 };
  const checks = history.operations.filter(({ kind, node }) => kind === "check" && node === cutOff);
  const row = (name: string, matches: (it: Operation) => boolean): readonly (string | number)[] => {
    const all = checks.filter(matches);
    const of = (outcome: Operation["outcome"]): number => all.filter((it) => it.outcome === outcome).length;
    return [name, of("done"), of("refused"), of("unavailable"), of("unanswered")];
  };
  const isAfter = ({ start }: Operation): boolean => start >= cut.end;
  const isCut = ({ start }: Operation): boolean => start >= cut.start && start < cut.end;
  const head = [`checks on the node that is cut off (${store})`, "200", "401", "503", "no answer"];
  const answers = table([
    head,
    row("before", ({ start }) => start < cut.start),
    row(
      `cut off, first ${defaults.maxStaleness} s`,
      (it) => isCut(it) && it.start < cut.start + defaults.maxStaleness * 1000,
    ),
    row("cut off, later", (it) => isCut(it) && it.start >= cut.start + defaults.maxStaleness * 1000),
    row("healed", isAfter),
  ]);
  const back = checks.find(
    (it) => isAfter(it) && it.outcome === "done" && it.presented?.strategy.endsWith("live"),
  );
  const found = checkHistory(history, promised);
  const wrong = found.filter(({ kind }) => kind === "V" || kind === "L");
  const text = [
    answers,
    `longest that a revoked credential was accepted there after its revocation was answered: ${ms(longestStale(history))} ms (bound ${defaults.maxStaleness * 1000})`,
    `from healing to the first live check it answered 200: ${back === undefined ? "–" : ms(back.end - cut.end)} ms`,
    `L and V: ${wrong.length}`,
    ...wrong.slice(0, 5).map(({ why }) => why),
  ];
  return { text: text.join("\n"), violations: wrong.length };
}

/** But for plain JWTs, which nobody can take back. */
function longestStale(history: History): number {
  const timeline = makeTimeline(history);
  const ages = history.operations.flatMap((it) => {
    const { presented, kind, node, outcome } = it;
    if (kind !== "check" || node !== cutOff || outcome !== "done" || presented === undefined) return [];
    if (presented.strategy === "jwt") return [];
    return timeline
      .endersOf(it.user, presented)
      .filter(({ certainty }) => certainty === "sure")
      .map(({ operation }) => it.start - operation.end);
  });
  return Math.max(0, ...ages);
}
