import type { AuditEntry, AuditRecord, EventType, SessionId } from "../../../types.ts";
import type { AuditTable } from "../schema.ts";

export function toAudit(row: AuditTable): AuditRecord {
  return {
    id: row.id,
    at: row.at,
    type: row.type as EventType,
    actorId: row.actor_id,
    userId: row.user_id,
    sessionId: row.session_id as SessionId | null,
    client: row.client,
    ip: row.ip,
    userAgent: row.user_agent,
    detail: JSON.parse(row.detail),
  };
}

export function fromAudit(entry: AuditEntry, id: number, at: number): AuditTable {
  return {
    id,
    at,
    type: entry.type,
    actor_id: entry.actorId,
    user_id: entry.userId,
    session_id: entry.sessionId,
    client: entry.client,
    ip: entry.ip,
    user_agent: entry.userAgent,
    detail: JSON.stringify(entry.detail),
  };
}
