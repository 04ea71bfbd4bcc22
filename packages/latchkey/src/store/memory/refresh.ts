import type { RefreshSession } from "../../types.ts";
import type { Answer } from "../records.ts";
import { judgeRefresh } from "../rules/refresh.ts";
import { readyAudit } from "./audit.ts";
import { endLive, replaceSession, type Tables } from "./tables.ts";

export function refreshSession(tables: Tables, input: RefreshSession, now: number): Answer<"refreshSession"> {
  const writeAudit = readyAudit(tables, { ...input.audit, type: "refresh_reused" }, now);
  const { globalEpoch, keysVersion } = tables;
  const session = tables.sessions.get(input.id);
  const user = session && tables.users.get(session.userId);
  const verdict = judgeRefresh(input, { session, user, globalEpoch, now });
  if ("ok" in verdict) return verdict;
  if ("stolen" in verdict) {
    endLive(tables, verdict.stolen, "refresh_reused", now);
    writeAudit();
    return { ok: false, code: "refresh_reused" };
  }
  const refreshed = replaceSession(tables, { ...verdict.session, ...verdict.change });
  const { user: owner, outcome } = verdict;
  return { ok: true, user: owner, session: refreshed, globalEpoch, keysVersion, now, outcome };
}
