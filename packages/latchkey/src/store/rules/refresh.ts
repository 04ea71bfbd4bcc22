import { isBanned } from "../../lib/standing.ts";
import type { RefreshOutcome, RefreshSession, SessionRecord, Store, UserRecord } from "../../types.ts";
import { limitOf } from "../records.ts";

/** What a refresh is judged by: all of it read in the step that writes what came of it. */
export interface RefreshMoment {
  readonly session: SessionRecord | undefined;
  readonly user: UserRecord | undefined;
  readonly globalEpoch: number;
  readonly now: number;
}

/** Refused, and nothing is written. */
export type RefreshRefused = Exclude<Awaited<ReturnType<Store["refreshSession"]>>, { ok: true }>;

/** What the step has to write. */
export type RefreshVerdict =
  | RefreshRefused
  | { readonly stolen: SessionRecord }
  | {
      readonly outcome: RefreshOutcome;
      readonly user: UserRecord;
      /** As it was. */
      readonly session: SessionRecord;
      readonly change: RefreshChange;
    };

/** The members of a session that a refresh may write. */
export type RefreshChange = Pick<SessionRecord, "generation" | "rotatedAt" | "rotationKey" | "lastSeenAt">;

/** Judges a refresh (P19-P21): every store asks this, inside its step. */
export function judgeRefresh(input: RefreshSession, moment: RefreshMoment): RefreshVerdict {
  const admitted = admit(input, moment);
  if ("ok" in admitted) return admitted;
  const { session, user } = admitted;
  const outcome = outcomeOf(session, input, moment.now);
  if (outcome === undefined) return { stolen: session };
  const change = { ...renewal(outcome, session, input, moment.now), lastSeenAt: moment.now };
  return { outcome, user, session, change };
}

function admit(
  { client, epoch }: RefreshSession,
  { session, user, globalEpoch, now }: RefreshMoment,
): RefreshRefused | { readonly session: SessionRecord; readonly user: UserRecord } {
  if (session === undefined || session.endedAt !== null) return { ok: false, code: "session_ended" };
  const userEpoch = user?.epoch ?? session.userEpoch;
  if (session.userEpoch < userEpoch || session.globalEpoch < globalEpoch)
    return { ok: false, code: "session_ended" };
  if (limitOf(session) <= now) return { ok: false, code: "session_expired" };
  if (session.client !== client) return { ok: false, code: "credential_invalid" };
  // A ban and a deletion end every session, so this is the second lock on the same door.
  if (user === undefined || isBanned(user, now)) return { ok: false, code: "account_unavailable" };
  // Made before the credential was renewed: no theft, and nothing ends (P3).
  if (session.epoch !== epoch) return { ok: false, code: "credential_renewed" };
  return { session, user };
}

/** undefined: neither the newest nor a retry of the request that made it, so two parties hold this family. */
function outcomeOf(
  session: SessionRecord,
  { generation, grace, rotationKey }: RefreshSession,
  now: number,
): RefreshOutcome | undefined {
  const isYoung = now - session.rotatedAt < grace;
  if (generation === session.generation) return isYoung ? "kept" : "rotated";
  if (generation > session.generation) return "recovered";
  if (generation !== session.generation - 1) return undefined;
  const isRetry = rotationKey !== null && rotationKey === session.rotationKey;
  return isYoung || isRetry ? "replayed" : undefined;
}

function renewal(
  outcome: RefreshOutcome,
  session: SessionRecord,
  input: RefreshSession,
  now: number,
): Omit<RefreshChange, "lastSeenAt"> {
  const { generation, rotatedAt, rotationKey } = session;
  switch (outcome) {
    case "kept":
      return { generation, rotatedAt, rotationKey: null };
    case "rotated":
      return { generation: generation + 1, rotatedAt: now, rotationKey: input.rotationKey };
    case "replayed":
      return { generation, rotatedAt, rotationKey };
    case "recovered":
      return { generation: input.generation, rotatedAt: now, rotationKey: null };
  }
}
