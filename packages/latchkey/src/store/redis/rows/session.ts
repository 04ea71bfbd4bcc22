import type { SessionRecord } from "../../../types.ts";

/** The members of a session in the order in which a row holds them; the id is in its key. `amr` and `data` are JSON text. */
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
] as const;

/** A row as scripts answer it: the id, then those members. */
export type SessionRow = readonly unknown[];

/** Names the values of a row. The cast is the one place where they are believed: `lua/session.ts` writes them. */
export function toSession([id, ...values]: SessionRow): SessionRecord {
  const row: { [member: string]: unknown } = { id };
  sessionFields.forEach((member, i) => {
    row[member] = values[i];
  });
  const { amr, data } = row as { amr: string; data: string };
  return { ...row, amr: JSON.parse(amr), data: JSON.parse(data) } as SessionRecord;
}
