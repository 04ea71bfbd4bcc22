import type { CallContext, Receipt } from "../types.ts";
import type { Core } from "./core.ts";

/** The verbs that revoke something, or change what a check shows. */
const confirmable: ReadonlySet<PropertyKey> = new Set([
  "revokeSession",
  "revokeOtherSessions",
  "revokeSessions",
  "revokeEverything",
  "banUser",
  "removeUser",
  "deleteUser",
  "setRole",
  "userChanged",
  "rotateKeys",
]);

/** Whether the call asks for a receipt, and the verb is one that has them. */
export function wantsReceipt(verb: PropertyKey, call: unknown): boolean {
  return confirmable.has(verb) && (call as CallContext | undefined)?.confirm === true;
}

/**
 * The answer of a verb with its receipt. What was done is done, also if nobody can tell how far it has come: then the
 * receipt is not complete.
 */
export async function withReceipt<Result>(core: Core, result: Result): Promise<Result> {
  if (!isDone(result)) return result;
  const { receipts, replica } = core.following;
  await replica.catchUp(100);
  const nothing = {
    verifiers: 0,
    confirmed: 0,
    expired: 0,
    complete: false,
    ms: 0,
    behind: [],
    accepting: false,
  };
  const { accepting, ...receipt } = await receipts.confirm().catch(() => nothing);
  const lives = accepting ? core.clock() + core.settings.access.expiresIn * 1000 : 0;
  const until = Math.max(result.until ?? 0, lives);
  const shown: Receipt = until === 0 ? receipt : { ...receipt, until };
  return { ...result, receipt: shown };
}

function isDone(result: unknown): result is { readonly ok: true; readonly until?: number } {
  return typeof result === "object" && result !== null && "ok" in result && result.ok === true;
}
