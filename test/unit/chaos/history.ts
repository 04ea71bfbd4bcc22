import { checkHistory } from "../../../chaos/src/history/check.ts";
import type {
  Fault,
  Operation,
  Presented,
  Promised,
  Stall,
  ViolationKind,
} from "../../../chaos/src/history/types.ts";

export const promised: Promised = {
  bound: (strategy) => (strategy === "jwt" ? null : strategy.endsWith("live") ? 1000 : 0),
  answer: 250,
  grace: 10_000,
};

/** A credential of session `s`, made by a sign-in from 0 to 10. */
export function credential(strategy: string, more: Partial<Presented> = {}): Presented {
  return { session: "s", strategy, madeFrom: 0, madeBy: 10, expires: null, ...more };
}

/** Something done by or to user `u`, answered after 5 ms. */
export function operation(kind: Operation["kind"], start: number, more: Partial<Operation> = {}): Operation {
  const plain = { kind, name: kind, node: 0, start, end: start + 5, outcome: "done", user: "u" } as const;
  return { ...plain, status: 200, code: null, ...more };
}

export function check(start: number, strategy: string, more: Partial<Operation> = {}): Operation {
  return operation("check", start, { presented: credential(strategy), ...more });
}

/** The same, and the answer is no. */
export function refused(code: string, status = 401): Pick<Operation, "outcome" | "status" | "code"> {
  return { outcome: "refused", status, code };
}

export const cannotTell: Pick<Operation, "outcome" | "status" | "code"> = {
  ...{ outcome: "unavailable", status: 503, code: "cannot_tell" },
};

export const noAnswer: Pick<Operation, "outcome" | "status" | "code"> = {
  ...{ outcome: "unanswered", status: null, code: "ECONNRESET" },
};

export function revoke(start: number, more: Partial<Operation> = {}): Operation {
  return operation("end", start, { name: "revoke", ends: { what: "session", session: "s" }, ...more });
}

export function fault(start: number, end: number, more: Partial<Fault> = {}): Fault {
  return { name: "fault", node: null, start, end, recovered: end, ...more };
}

/** The kinds of what was found, in order. */
export function found(
  operations: readonly Operation[],
  more: { readonly faults?: readonly Fault[]; readonly stalls?: readonly Stall[] } = {},
): ViolationKind[] {
  const history = { operations, faults: [], stalls: [], ...more };
  return checkHistory(history, promised).map(({ kind }) => kind);
}
