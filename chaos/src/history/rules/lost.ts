import type { Ender, Timeline } from "../timeline.ts";
import type { Fault, History, Operation, Presented, Promised, Violation } from "../types.ts";

/** Dates in a token are whole seconds, and the clock of the store may be a little off. Milliseconds. */
const blur = 1500;

/**
 * L: somebody was refused who was signed in, or could sign in, and whom nobody had put out. A revocation whose outcome
 * is not known counts as a cause, unless the session was accepted by somebody who must have known of it.
 */
export function findLost(history: History, timeline: Timeline, promised: Promised): Violation[] {
  const restored = Math.min(...history.faults.filter((it) => it.restored).map(({ start }) => start));
  const judge = makeJudge(timeline, promised);
  const isExcused = (operation: Operation): boolean =>
    operation.code === "access_expired" && history.faults.some((it) => wasSet(it, operation));
  return history.operations.filter((it) => it.end < restored && !isExcused(it)).flatMap(judge);
}

/**
 * Whether the clock of its node was set, and it had not yet learnt what time it is from what it reads of the log. Set
 * forward, it looks as after the sleep of a machine, in which tokens do expire; a client refreshes, and has lost nothing.
 */
function wasSet({ clock, start, learnt, end, recovered }: Fault, operation: Operation): boolean {
  if (clock !== operation.node) return false;
  const doubtful = [
    [start, learnt],
    [end, recovered],
  ] as const;
  return doubtful.some(
    ([from, to]) => operation.end >= from && operation.start <= (to ?? Number.POSITIVE_INFINITY),
  );
}

function makeJudge(timeline: Timeline, promised: Promised): (operation: Operation) => Violation[] {
  return (operation) => {
    if (operation.outcome !== "refused") return [];
    if (operation.kind === "sign-in") return judgeSignIn(operation, timeline);
    const { presented } = operation;
    if (presented === undefined || (operation.status !== 401 && operation.status !== 403)) return [];
    if (isExpired(operation, presented) || isFairTheft(operation, timeline, promised)) return [];
    const enders = timeline.endersOf(operation.user, presented);
    const causes = enders.filter(
      (ender) =>
        ender.operation !== operation &&
        ender.operation.start < operation.end &&
        !isDisproven(ender, operation, timeline, promised),
    );
    if (causes.length > 0) return [];
    const why = `${operation.name} refused with ${operation.code}, and nobody had ended the session`;
    return [{ kind: "L", at: operation.end, why, operations: [operation] }];
  };
}

function isExpired({ code, kind, end }: Operation, { expires }: Presented): boolean {
  return kind !== "refresh" && code === "access_expired" && expires !== null && end > expires - blur;
}

/** Whether the session was accepted after the revocation must have had its effect: then it never had one. */
function isDisproven(ender: Ender, refused: Operation, timeline: Timeline, promised: Promised): boolean {
  if (ender.certainty === "sure") return false;
  const { presented } = refused;
  if (presented === undefined) return false;
  return timeline.with(presented.session).some((accepted) => {
    if (accepted.outcome !== "done" || accepted.end >= refused.start) return false;
    const isRenewal = ender.operation.ends?.what === "renewal";
    // What was made later says nothing of what a renewal did to what was made before.
    if (isRenewal && accepted.presented?.madeBy !== presented.madeBy) return false;
    const bound = boundOf(accepted, promised);
    return bound !== null && accepted.start > ender.settled + bound;
  });
}

/** By the rules: the token had been exchanged for another longer ago than the window, by somebody else. */
function isFairTheft(operation: Operation, timeline: Timeline, { grace }: Promised): boolean {
  const { code, parent, key, presented } = operation;
  if (code !== "refresh_reused" || presented === undefined) return false;
  const refreshes = timeline
    .with(presented.session)
    .filter((it) => it !== operation && it.kind === "refresh");
  const successors = refreshes.filter((it) => it.parent === parent).map((it) => it.successor);
  const wasExchanged = (it: Operation): boolean =>
    it.parent === parent && it.start < operation.end - grace && (key === undefined || it.key !== key);
  const successorWasUsed = (it: Operation): boolean =>
    it.parent !== parent && successors.includes(it.parent) && it.start < operation.end;
  return refreshes.some((it) => wasExchanged(it) || successorWasUsed(it));
}

/** Somebody with the right password, who is not banned, is let in. */
function judgeSignIn(operation: Operation, timeline: Timeline): Violation[] {
  const { user, code, password } = operation;
  if (code !== "invalid_credentials" && code !== "user_banned") return [];
  const before = timeline.of(user).filter((it) => it !== operation && it.start < operation.end);
  const mayBe = (it: Operation): boolean => it.outcome !== "refused";
  if (code === "user_banned" && before.some((it) => it.bans && mayBe(it))) {
    const lastBan = before.findLast((it) => it.bans && mayBe(it));
    const lifted = before.some(
      (it) =>
        it.kind === "unban" &&
        it.outcome === "done" &&
        it.end < operation.start &&
        it.start > timeline.settled(lastBan ?? it),
    );
    if (!lifted) return [];
  }
  const changed = before.some((it) => it.kind === "end" && (it.password ?? 0) > (password ?? 0) && mayBe(it));
  if (code === "invalid_credentials" && changed) return [];
  const why = `a sign-in with the right password was refused with ${code}`;
  return [{ kind: "L", at: operation.end, why, operations: [operation] }];
}

/** How long after a revocation this operation might still have accepted; null: it says nothing. */
export function boundOf({ kind, presented }: Operation, promised: Promised): number | null {
  return kind === "check" ? promised.bound(presented?.strategy ?? "") : 0;
}
