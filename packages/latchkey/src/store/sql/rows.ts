import type {
  EndReason,
  KeyAlgorithm,
  KeyPurpose,
  SessionId,
  SessionRecord,
  StoredKey,
  TokenHash,
  UserRecord,
} from "../../types.ts";
import { limitOf } from "../records.ts";
import type { KeysTable, SessionsTable, UsersTable } from "./schema.ts";

/** Row → record and back. The brands are put on here: the store is where such strings come from. */

export function toUser(row: UsersTable): UserRecord {
  return {
    id: row.id,
    email: row.email,
    name: row.name,
    roles: JSON.parse(row.roles),
    status: row.status,
    bannedUntil: row.banned_until,
    banReason: row.ban_reason,
    createdAt: row.created_at,
    version: row.version,
    epoch: row.epoch,
    passwordHash: row.password_hash,
  };
}

export function fromUser(user: UserRecord): UsersTable {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    roles: JSON.stringify(user.roles),
    status: user.status,
    banned_until: user.bannedUntil,
    ban_reason: user.banReason,
    created_at: user.createdAt,
    version: user.version,
    epoch: user.epoch,
    password_hash: user.passwordHash,
  };
}

export function toSession(row: SessionsTable): SessionRecord {
  return {
    id: row.id as SessionId,
    userId: row.user_id,
    client: row.client,
    createdAt: row.created_at,
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
    endedAt: row.ended_at,
    endReason: row.end_reason as EndReason | null,
  };
}

/** For a session that has just been made. */
export function fromSession(session: SessionRecord): SessionsTable {
  return {
    id: session.id,
    user_id: session.userId,
    client: session.client,
    created_at: session.createdAt,
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
    dies_at: limitOf(session),
    ended_at: session.endedAt,
    end_reason: session.endReason,
  };
}

export function toKey(row: KeysTable): StoredKey {
  return {
    id: row.id,
    purpose: row.purpose as KeyPurpose,
    algorithm: row.algorithm as KeyAlgorithm,
    sealed: row.sealed,
    publicJwk: row.public_jwk,
    createdAt: row.created_at,
  };
}
