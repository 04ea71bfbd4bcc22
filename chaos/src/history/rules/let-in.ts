import type { Timeline } from "../timeline.ts";
import type { History, Operation, Promised, Violation } from "../types.ts";
import { boundOf } from "./lost.ts";

/** Dates in a token are whole seconds. */
const blur = 1000;

/**
 * V: somebody was let in by a request that was sent later than the bound of the strategy after the answer that they were
 * out, or shown with roles that were others by then.
 */
export function findLetIn(history: History, timeline: Timeline, promised: Promised): Violation[] {
  const back = history.faults.filter((it) => it.restored);
  // Between the return of an older copy and the moment when all nodes have caught up, and hence have written back what
  // they know, nobody can say what was revoked before.
  const isExcused = ({ operations: [accepted, cause] }: Violation): boolean =>
    back.some(
      (fault) =>
        accepted !== undefined &&
        (cause?.start ?? 0) < fault.end &&
        accepted.end > fault.start &&
        accepted.start < (fault.recovered ?? Number.POSITIVE_INFINITY),
    );
  return history.operations
    .filter(({ outcome }) => outcome === "done")
    .flatMap((operation) => judge(operation, timeline, promised))
    .filter((violation) => !isExcused(violation));
}

function judge(operation: Operation, timeline: Timeline, promised: Promised): Violation[] {
  if (operation.kind === "sign-in") return judgeSignIn(operation, timeline);
  const { presented, user } = operation;
  if (presented === undefined || operation.kind === "end") return [];
  const late = violation(operation);
  if (operation.kind === "check" && presented.expires !== null && operation.start > presented.expires + blur)
    return [late("accepted after it had expired")];
  const bound = boundOf(operation, promised);
  if (bound === null) return [];
  const ended = timeline.endersOf(user, presented).find(({ operation: end, certainty }) => {
    const allowed = end.complete === true ? 0 : bound;
    return certainty === "sure" && operation.start > end.end + allowed;
  });
  if (ended !== undefined) {
    const after = Math.round(operation.start - ended.operation.end);
    return [late(`accepted ${after} ms after ${ended.operation.name} was answered`, ended.operation)];
  }
  return operation.kind === "check" ? judgeRoles(operation, timeline, bound) : [];
}

function judgeRoles(operation: Operation, timeline: Timeline, bound: number): Violation[] {
  if (operation.roles === undefined) return [];
  const settings = timeline
    .of(operation.user)
    .filter((it) => it.kind === "set-role" && it.start < operation.end);
  const last = settings.at(-1);
  if (last === undefined || last.outcome !== "done" || last.roles === operation.roles) return [];
  const allowed = last.complete === true ? 0 : bound;
  const isOpen = settings.some((it) => it !== last && timeline.settled(it) > last.start);
  if (isOpen || operation.start <= last.end + allowed) return [];
  const after = Math.round(operation.start - last.end);
  return [violation(operation)(`showed the roles of before, ${after} ms after they were set`, last)];
}

/** Nobody signs in while banned, nor with a password that was changed. */
function judgeSignIn(operation: Operation, timeline: Timeline): Violation[] {
  const before = timeline
    .of(operation.user)
    .filter((it) => it.end < operation.start && it.outcome === "done");
  const ban = before.findLast((it) => it.bans);
  const unbanned = timeline
    .of(operation.user)
    .some(
      (it) =>
        it.kind === "unban" &&
        it.outcome !== "refused" &&
        it.start > (ban?.start ?? 0) &&
        it.start < operation.end,
    );
  if (ban !== undefined && !unbanned) return [violation(operation)("signed in while banned", ban)];
  const change = before.find((it) => it.kind === "end" && (it.password ?? 0) > (operation.password ?? 0));
  return change === undefined
    ? []
    : [violation(operation)("signed in with a password that was changed", change)];
}

function violation(operation: Operation): (why: string, cause?: Operation) => Violation {
  return (what, cause) => {
    const why = `${operation.name} on node ${operation.node} ${what}`;
    const operations = cause === undefined ? [operation] : [operation, cause];
    return { kind: "V", at: operation.start, why, operations };
  };
}
