import { checkHistory } from "../history/check.ts";
import { findLatencies, percentile } from "../history/latency.ts";
import { makeStalls, timeOf } from "../history/rules/slow.ts";
import { makeTimeline } from "../history/timeline.ts";
import type { Fault, History, Operation, Promised, Violation, ViolationKind } from "../history/types.ts";
import type { ChaosRun } from "./chaos.ts";
import { figures, ms, table } from "./table.ts";

const meanings: { readonly [kind in ViolationKind]: string } = {
  L: "refused though nobody had ended it",
  V: "let in after the bound",
  F: "refresh family forked",
  H: "slow or without answer",
  W: "written and gone",
};

/** What a run found, as text, and the violations themselves. */
export interface Report {
  readonly text: string;
  /** In one line. */
  readonly summary: string;
  readonly violations: readonly Violation[];
}

export function reportOn({ history, promised }: ChaosRun): Report {
  const violations = checkHistory(history, promised);
  const parts = [
    violationTable(history, violations),
    answerTable(history),
    faultTable(history, violations),
    latencyTable(history, promised),
    examples(violations),
  ];
  const counts = Object.keys(meanings).map(
    (kind) => `${kind} ${count(violations, (it) => it.kind === kind)}`,
  );
  const summary = `${counts.join(", ")} in ${history.operations.length} operations`;
  return { text: parts.filter((part) => part !== "").join("\n\n"), summary, violations };
}

function violationTable({ operations }: History, violations: readonly Violation[]): string {
  const judged: { readonly [kind in ViolationKind]: number } = {
    L: count(operations, ({ presented, kind }) => presented !== undefined || kind === "sign-in"),
    V: count(operations, ({ presented, outcome }) => presented !== undefined && outcome === "done"),
    F: count(operations, ({ kind, outcome }) => kind === "refresh" && outcome === "done"),
    H: count(operations, ({ kind }) => kind !== "bare"),
    W: count(operations, ({ kind, outcome }) => kind === "work" && outcome === "done"),
  };
  const kinds = Object.keys(meanings) as ViolationKind[];
  const rows = kinds.map((kind) => [
    kind,
    meanings[kind],
    violations.filter((it) => it.kind === kind).length,
    judged[kind],
  ]);
  return table([["", "violation", "found", "judged"], ...rows]);
}

function answerTable(history: History): string {
  const { operations } = history;
  const stallsOf = makeStalls(history);
  const names = [...new Set(operations.map(({ name }) => name))].sort();
  const rows = names.map((name) => {
    const all = operations.filter((it) => it.name === name);
    const times = all.filter(({ outcome }) => outcome !== "unanswered").map((it) => timeOf(it, stallsOf(it)));
    const of = (outcome: Operation["outcome"]): number => count(all, (it) => it.outcome === outcome);
    const counts = [of("done"), of("refused"), of("unavailable"), of("unanswered")];
    return [name, ...counts, ...figures(times)];
  });
  const head = ["operation", "done", "refused", "503", "no answer", "p50 ms", "p99 ms", "max ms"];
  return table([head, ...rows]);
}

function faultTable({ faults, operations }: History, violations: readonly Violation[]): string {
  if (faults.length === 0) return "";
  const names = [...new Set(faults.map(({ name }) => name))].sort();
  const rows = names.map((name) => {
    const all = faults.filter((fault) => fault.name === name);
    const during = (times: readonly number[]): number =>
      count(times, (at) => all.some((fault) => at >= fault.start && at <= endOf(fault)));
    const unavailable = operations.filter(({ outcome }) => outcome === "unavailable").map(({ end }) => end);
    const recoveries = all.flatMap(({ recovered, end }) => (recovered === null ? [] : [recovered - end]));
    const found = during(violations.map(({ at }) => at));
    return [
      name,
      all.length,
      during(unavailable),
      found,
      ms(percentile(recoveries, 0.5)),
      ms(Math.max(...recoveries)),
    ];
  });
  return table([["fault", "times", "503", "violations", "recovery p50 ms", "max ms"], ...rows]);
}

function endOf({ end, recovered }: Fault): number {
  return recovered ?? end;
}

function latencyTable(history: History, promised: Promised): string {
  const found = findLatencies(history, makeTimeline(history), promised);
  const strategies = [...new Set(found.map(({ strategy }) => strategy))].sort();
  const rows = strategies.flatMap((strategy) =>
    [true, false].flatMap((quiet) => {
      const times = found
        .filter((it) => it.strategy === strategy && it.quiet === quiet)
        .map(({ milliseconds }) => milliseconds);
      if (times.length === 0) return [];
      return [[strategy, quiet ? "nothing broken" : "during faults", times.length, ...figures(times)]];
    }),
  );
  if (rows.length === 0) return "";
  const head = ["revoked, until the slowest node refused", "while", "times", "p50 ms", "p99 ms", "max ms"];
  return table([head, ...rows]);
}

/** The first of each kind. */
function examples(violations: readonly Violation[]): string {
  const kinds = [...new Set(violations.map(({ kind }) => kind))];
  return kinds
    .flatMap((kind) => violations.filter((it) => it.kind === kind).slice(0, 3))
    .map(({ kind, at, why }) => `${kind} at ${(at / 1000).toFixed(3)} s: ${why}`)
    .join("\n");
}

function count<Item>(items: readonly Item[], matches: (item: Item) => boolean): number {
  return items.filter(matches).length;
}
