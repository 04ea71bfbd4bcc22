import type { Change } from "../../../types.ts";
import { locksOf } from "../../rules/changes.ts";
import type { Run } from "../run/run.ts";
import { restoreChanges } from "../scripts/log/restore.ts";

/** Of one script: a stretch of some milliseconds, in which nobody else is served. */
const restored = 300;

/** Each change is made good for itself, so that many need not be one step. */
export async function restore(run: Run, changes: readonly Change[]): Promise<number> {
  let effective = 0;
  for (let i = 0; i < changes.length; i += restored) {
    const stretch = changes.slice(i, i + restored);
    const input = { changes: stretch.map(changeInput) };
    effective += (await run<{ effective: number }>("revoke", restoreChanges, input)).effective;
  }
  return effective;
}

/** What the script takes of a change. */
function changeInput(change: Change): object {
  if (change.kind !== "user_state") return change;
  const { externalBan, ...locks } = locksOf(change);
  const { kind, userId, version, roles } = change;
  return {
    kind,
    userId,
    version,
    roles: JSON.stringify(roles),
    locks: { ...locks, externalBan: Number(externalBan) },
  };
}
