import type { EndReason, SessionId, SessionRecord, TokenHash } from "../../../types.ts";

/** The members of a session in the order in which a row holds them; the id is in its key. `amr`, `data` and `audiences` are JSON text. */
export const sessionFields = [
  "userId",
  "client",
  "createdAt",
  "lastSeenAt",
  "expiresAt",
  "idleTimeout",
  "authTime",
  "amr",
  "ip",
  "userAgent",
  "data",
  "epoch",
  "userEpoch",
  "globalEpoch",
  "version",
  "tokenHash",
  "generation",
  "rotatedAt",
  "refreshSalt",
  "rotationKey",
  "endedAt",
  "endReason",
  "audiences",
] as const;

/** A row as it is kept. */
export type SessionValues = readonly [
  userId: string,
  client: string,
  createdAt: number,
  lastSeenAt: number,
  expiresAt: number,
  idleTimeout: number | null,
  authTime: number,
  amr: string,
  ip: string | null,
  userAgent: string | null,
  data: string,
  epoch: number,
  userEpoch: number,
  globalEpoch: number,
  version: number,
  tokenHash: TokenHash | null,
  generation: number,
  rotatedAt: number,
  refreshSalt: string | null,
  rotationKey: string | null,
  endedAt: number | null,
  endReason: EndReason | null,
  audiences: string,
];

/** A row as scripts answer it: with the id before its members. */
export type SessionRow = readonly [id: SessionId, ...SessionValues];

export function toSession([id, ...values]: SessionRow): SessionRecord {
  return namedSession(id, values);
}

export function namedSession(id: SessionId, values: SessionValues): SessionRecord {
  const [userId, client, createdAt, lastSeenAt, expiresAt, idleTimeout, authTime, amr, ...more] = values;
  const [ip, userAgent, data, epoch, userEpoch, globalEpoch, version, tokenHash, ...rest] = more;
  const [generation, rotatedAt, refreshSalt, rotationKey, endedAt, endReason, audiences] = rest;
  return {
    id,
    userId,
    client,
    createdAt,
    lastSeenAt,
    expiresAt,
    idleTimeout,
    authTime,
    amr: JSON.parse(amr),
    ip,
    userAgent,
    data: JSON.parse(data),
    epoch,
    userEpoch,
    globalEpoch,
    version,
    tokenHash,
    generation,
    rotatedAt,
    refreshSalt,
    rotationKey,
    endedAt,
    endReason,
    audiences: JSON.parse(audiences),
  };
}
