import { deepFreeze } from "../../lib/json.ts";
import type { AuditEntry, AuditQuery, AuditRecord } from "../../types.ts";
import type { Tables } from "./tables.ts";

/**
 * Readies an entry and gives what writes it. Before the step's first write, because what JSON cannot say is a fault:
 * then nothing has happened yet.
 */
export function readyAudit(tables: Tables, entry: AuditEntry | null | undefined, now: number): () => void {
  if (entry === undefined || entry === null) return () => undefined;
  const { type, actorId, userId, sessionId, client, ip, userAgent } = entry;
  const detail: AuditEntry["detail"] = JSON.parse(JSON.stringify(entry.detail));
  return () => {
    const id = tables.audit.length + 1;
    const record = deepFreeze({
      id,
      at: now,
      type,
      actorId,
      userId,
      sessionId,
      client,
      ip,
      userAgent,
      detail,
    });
    tables.audit.push(record);
    if (userId === null) return;
    const before = tables.auditByUser.get(userId);
    if (before === undefined) tables.auditByUser.set(userId, [record]);
    else before.push(record);
  };
}

export function appendAudit(tables: Tables, entry: AuditEntry, now: number): void {
  readyAudit(tables, entry, now)();
}

export function listAudit(tables: Tables, query: AuditQuery): readonly AuditRecord[] {
  const { userId, type, before, limit } = query;
  const found: AuditRecord[] = [];
  const all = userId === undefined ? tables.audit : (tables.auditByUser.get(userId) ?? []);
  for (let at = all.length - 1; at >= 0 && found.length < limit; at--) {
    const it = all[at];
    if (it === undefined || (type !== undefined && it.type !== type)) continue;
    if (before === undefined || it.id < before) found.push(it);
  }
  return found;
}
