import type { Fault, History, Operation, Presented } from "./types.ts";

/** How sure it is that an operation ended a credential. */
export type Certainty = "sure" | "possible";

/** An operation that ended a credential, or may have. */
export interface Ender {
  readonly operation: Operation;
  readonly certainty: Certainty;
  /** By when it has had its effect, if it ever has one. */
  readonly settled: number;
}

/** The history, sorted by whom it concerns. */
export interface Timeline {
  /** Everything that ended the credential, or may have, at any time. */
  endersOf(user: string, credential: Presented): readonly Ender[];
  /** What was done to or by the user, in the order in which it was sent. */
  of(user: string): readonly Operation[];
  /** What was done with a session. */
  with(session: string): readonly Operation[];
  /** By when an operation of which the outcome is not known has had its effect, if it ever has one. */
  settled(operation: Operation): number;
  /** Whether the node itself was stopped, dead or on its way back up at some time of the operation. */
  wasDown(operation: Operation): boolean;
}

/** How long after a broken connection a request may still be at work: a step of the store has two seconds. */
const aftermath = 3000;
/** How much later than it begins a fault may show: a signal and its effect are two moments. */
const edge = 100;

export function makeTimeline({ operations, faults }: History): Timeline {
  const byUser = groupBy(operations, ({ user }) => user);
  const bySession = groupBy(
    operations.filter(({ presented }) => presented !== undefined),
    ({ presented }) => presented?.session ?? "",
  );
  const endersByUser = new Map(
    [...byUser].map(([user, all]) => [user, all.filter((it) => mayEnd(it))] as const),
  );

  const overlapping = (operation: Operation, matches: (fault: Fault) => boolean): readonly Fault[] =>
    faults.filter(
      (fault) =>
        matches(fault) && fault.start - edge <= operation.end && endOf(fault) + edge >= operation.start,
    );

  function settled(operation: Operation): number {
    if (operation.outcome !== "unanswered") return operation.end;
    const faultsMeanwhile = overlapping(operation, ({ node }) => node === null || node === operation.node);
    return Math.max(operation.end, ...faultsMeanwhile.map(endOf)) + aftermath;
  }

  return {
    settled,
    of: (user) => byUser.get(user) ?? [],
    with: (session) => bySession.get(session) ?? [],
    wasDown: (operation) => overlapping(operation, ({ node }) => node === operation.node).length > 0,
    endersOf(user, credential) {
      const enders: Ender[] = [];
      for (const operation of endersByUser.get(user) ?? []) {
        const certainty = certaintyOf(operation, credential);
        if (certainty !== undefined) enders.push({ operation, certainty, settled: settled(operation) });
      }
      return enders;
    },
  };
}

/** Also a refresh that was taken for theft ends the session. */
function mayEnd(operation: Operation): boolean {
  if (isTheft(operation)) return true;
  return operation.ends !== undefined && operation.outcome !== "refused";
}

function isTheft({ kind, code }: Operation): boolean {
  return kind === "refresh" && code === "refresh_reused";
}

function certaintyOf(operation: Operation, credential: Presented): Certainty | undefined {
  if (isTheft(operation)) return operation.presented?.session === credential.session ? "sure" : undefined;
  if (!covers(operation, credential) || credential.madeFrom >= operation.end) return undefined;
  // What a password change gave is not what it took away.
  if (credential.madeFrom === operation.start) return undefined;
  // A session that was being made meanwhile may have come before it or after it.
  const isSure = operation.outcome === "done" && credential.madeBy < operation.start;
  return isSure ? "sure" : "possible";
}

function covers({ ends }: Operation, { session }: Presented): boolean {
  switch (ends?.what) {
    case "session":
      return ends.session === session;
    case "others":
      return ends.keep !== session;
    case "user":
    case "renewal":
      return true;
    case undefined:
      return false;
  }
}

function endOf({ end, recovered }: Fault): number {
  return recovered ?? end;
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  for (const group of groups.values())
    (group as { start: number }[] & Item[]).sort((a, b) => a.start - b.start);
  return groups;
}
