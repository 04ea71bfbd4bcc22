import { wholeSecond } from "../../../lib/clock.ts";
import type { EndReason, SessionId, SessionRecord, TokenHash } from "../../../types.ts";
import { limitOf } from "../../records.ts";
import type { SessionsTable } from "../schema.ts";

/** The brands are put on here: the store is where such strings come from. */
export function toSession(row: SessionsTable): SessionRecord {
  return {
    id: row.id as SessionId,
    userId: row.user_id,
    client: row.client,
    createdAt: wholeSecond(row.created_at),
    lastSeenAt: row.last_seen_at,
    expiresAt: row.expires_at,
    idleTimeout: row.idle_timeout,
    authTime: row.auth_time,
    amr: JSON.parse(row.amr),
    ip: row.ip,
    userAgent: row.user_agent,
    data: JSON.parse(row.data),
    epoch: row.epoch,
    userEpoch: row.user_epoch,
    globalEpoch: row.global_epoch,
    version: row.version,
    tokenHash: row.token_hash as TokenHash | null,
    generation: row.generation,
    rotatedAt: row.rotated_at,
    refreshSalt: row.refresh_salt,
    rotationKey: row.rotation_key,
    endedAt: row.ended_at,
    endReason: row.end_reason as EndReason | null,
    audiences: JSON.parse(row.audiences),
  };
}

/** For a session that has just been made, at that moment. */
export function fromSession(session: SessionRecord, madeAt: number): SessionsTable {
  return {
    id: session.id,
    user_id: session.userId,
    client: session.client,
    created_at: madeAt,
    last_seen_at: session.lastSeenAt,
    expires_at: session.expiresAt,
    idle_timeout: session.idleTimeout,
    auth_time: session.authTime,
    amr: JSON.stringify(session.amr),
    ip: session.ip,
    user_agent: session.userAgent,
    data: JSON.stringify(session.data),
    epoch: session.epoch,
    user_epoch: session.userEpoch,
    global_epoch: session.globalEpoch,
    version: session.version,
    token_hash: session.tokenHash,
    generation: session.generation,
    rotated_at: session.rotatedAt,
    refresh_salt: session.refreshSalt,
    rotation_key: session.rotationKey,
    dies_at: limitOf(session),
    ended_at: session.endedAt,
    end_reason: session.endReason,
    audiences: JSON.stringify(session.audiences),
  };
}
