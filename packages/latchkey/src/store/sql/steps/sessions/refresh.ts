import type { RefreshSession } from "../../../../types.ts";
import type { Answer } from "../../../records.ts";
import { judgeRefresh, type RefreshRefused } from "../../../rules/refresh.ts";
import type { Kept, Scope, Script } from "../../script.ts";
import { writeAudit } from "../audit.ts";
import { endLive } from "../live.ts";
import { lockSession, readMeta } from "../locks.ts";
import { writeRefresh } from "./write-refresh.ts";

export function* refreshSession(
  scope: Scope,
  input: RefreshSession,
): Script<Answer<"refreshSession"> | Kept<RefreshRefused>> {
  const { now } = scope;
  const locked = yield* lockSession(scope, input.id);
  const { global_epoch: globalEpoch, keys_version: keysVersion } = yield* readMeta(scope);
  const { session, user } = locked;
  const verdict = judgeRefresh(input, { session, user, globalEpoch, now });
  if ("ok" in verdict) return verdict;
  if ("stolen" in verdict) {
    yield* endLive(scope, { id: input.id, reason: "refresh_reused" });
    yield* writeAudit(scope, { ...input.audit, type: "refresh_reused" });
    return { keep: { ok: false, code: "refresh_reused" } };
  }
  const refreshed = yield* writeRefresh(scope, verdict.session, verdict.change);
  const { user: owner, outcome } = verdict;
  return { ok: true, user: owner, session: refreshed, globalEpoch, keysVersion, now, outcome };
}
