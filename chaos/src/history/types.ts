/** What was done to the system under test, as a client saw it. Times are milliseconds of the harness' own clock. */

/** What became of a request. */
export type Outcome =
  | "done"
  /** An answer that says no (4xx). */
  | "refused"
  /** An answer that says "cannot tell" (503), or that a defect was met (5xx). */
  | "unavailable"
  /** No answer: the connection was refused, broken or cut, or nothing came in time. */
  | "unanswered";

/** A credential as it was presented. */
export interface Presented {
  readonly session: string;
  readonly strategy: string;
  /** When the request that made it was sent and answered. */
  readonly madeFrom: number;
  readonly madeBy: number;
  /** When it expires by itself; null: it does not say. */
  readonly expires: number | null;
}

/** What an operation ends, if it is done. */
export type Ending =
  | { readonly what: "session"; readonly session: string }
  | { readonly what: "others"; readonly keep: string }
  | { readonly what: "user" }
  /** The others, and every earlier credential of the one that is kept. */
  | { readonly what: "renewal"; readonly keep: string };

/** One request and its answer. */
export interface Operation {
  /**
   * `get`, `work` and `refresh` ask the store, whatever the strategy; a `check` does what the strategy says. `bare` asks a
   * node for nothing at all: how long that takes is the machine's doing.
   */
  readonly kind: "sign-in" | "check" | "get" | "work" | "refresh" | "end" | "set-role" | "unban" | "bare";
  /** Which of several of that kind, for the reader: `sign-out`, `ban`, … */
  readonly name: string;
  readonly node: number;
  readonly start: number;
  readonly end: number;
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly code: string | null;
  readonly user: string;
  /** What it was done with. Not given for what an administrator does. */
  readonly presented?: Presented;
  /** The session that a sign-in made. */
  readonly made?: string;
  /** Which of the user's passwords a sign-in used, or a password change set. They are counted from 0. */
  readonly password?: number;
  readonly ends?: Ending;
  /** It keeps the user out until an `unban`. */
  readonly bans?: boolean;
  /** A receipt said that it is known everywhere. */
  readonly complete?: boolean;
  /** Of a refresh: the token presented, and the one in the answer. Marks, not the tokens themselves. */
  readonly parent?: string;
  readonly successor?: string;
  /** Its `Idempotency-Key`. */
  readonly key?: string;
  /** The roles that a check showed, or that were set. */
  readonly roles?: string;
  /** The member that `work` wrote into the session's data, and those that a `get` showed. */
  readonly wrote?: string;
  readonly seen?: readonly string[];
  /** Of a bare request: for how many milliseconds the node's process wanted to run meanwhile and did not get to. */
  readonly starved?: number;
  /** All nodes were asked again and again afterwards until they refused. */
  readonly watched?: boolean;
}

/** Something that was done to the machinery. */
export interface Fault {
  readonly name: string;
  /** The node whose own process was stopped or ended; null: something that all or none depend on. */
  readonly node: number | null;
  readonly start: number;
  /** When it was undone. */
  readonly end: number;
  /** When a check was answered again after that, or, if it was restored, when every node knew all again; null: never. */
  readonly recovered: number | null;
  /** The node whose wall clock was set wrong at its start and right at its end. */
  readonly clock?: number;
  /** When that one knew what time it is though its clock was wrong; once it was right, that is `recovered`. Null: never. */
  readonly learnt?: number | null;
  /** The store has lost something: sessions may be gone, and revocations until they are written back, or all are out. */
  readonly restored?: boolean;
}

/** A stretch in which the harness, or a process beside it that does nothing, did not get to run: nobody's fault. */
export interface Stall {
  readonly from: number;
  readonly to: number;
}

/** A bare request that took longer says that its node was held up, in milliseconds. */
export const briskly = 20;

export interface History {
  readonly operations: readonly Operation[];
  readonly faults: readonly Fault[];
  readonly stalls: readonly Stall[];
}

/** What is promised, in milliseconds. */
export interface Promised {
  /** How long after a revocation was answered a check of that strategy may accept; null: until the token expires. */
  readonly bound: (strategy: string) => number | null;
  /** Within what time a check is answered. */
  readonly answer: number;
  /** Within what time the same refresh token may come again. */
  readonly grace: number;
}

/** One broken promise. */
export interface Violation {
  readonly kind: ViolationKind;
  readonly at: number;
  readonly why: string;
  readonly operations: readonly Operation[];
}

/**
 * L: refused although nobody had ended it. V: let in although it had been ended. F: a refresh family in two. H: slow or
 * without answer. W: what was written into a session is gone.
 */
export type ViolationKind = "L" | "V" | "F" | "H" | "W";
