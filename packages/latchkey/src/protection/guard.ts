import type { Refusal } from "../errors.ts";
import { crypto } from "../lib/crypto.ts";
import type { RateLimits } from "../types.ts";
import { type Attempt, type Background, type Begun, makeAttempt } from "./attempt.ts";
import { beginFrom, beginKnown, count, groupOf, makePoints, type Points, tooMany } from "./points.ts";

/** Who wants to sign in. */
export interface Comer {
  /** In its canonical spelling. Whether there is such an account makes no difference here. */
  readonly email: string;
  /** The client's address, if it is known. */
  readonly ip: string | undefined;
  /** The random part of a device token of this very account. */
  readonly device: string | undefined;
}

/** Says whether something may be tried, before any work is done for it. A refusal is `rate_limited`. */
export interface Guard {
  signIn(comer: Comer): Promise<Attempt | Refusal>;
  /** The password of someone who is signed in: strangers' failures do not reach this count. */
  password(userId: string): Promise<Attempt | Refusal>;
  /** The secret of a service. Counted by id and address together, so that no stranger can lock a service out. */
  service(id: string, ip: string | undefined): Promise<Attempt | Refusal>;
  signUp(ip: string | undefined): Promise<Refusal | undefined>;
  /** A refresh with an authentic token. */
  refresh(sessionId: string, ip: string | undefined): Promise<Refusal | undefined>;
}

/** Nothing is started before the first call. */
export function makeGuard(limits: RateLimits, background: Background): Guard {
  const points = makePoints(limits);
  return {
    async signIn({ email, ip, device }) {
      const known = device === undefined ? undefined : await beginKnown(points, device);
      if (known?.ok) return makeAttempt([known], background);
      return begin(points, await keyOf("email", email), groupOf(ip), background);
    },
    password: async (userId) => begin(points, await keyOf("user", userId), undefined, background),
    async service(id, ip) {
      const group = groupOf(ip);
      if (group === undefined) return makeAttempt([], background);
      return begin(points, await keyOf("service", `${group} ${id}`), group, background);
    },
    signUp: async (ip) => count(points.signUps, groupOf(ip)),
    refresh: async (sessionId, ip) =>
      (await count(points.refreshesOfSession, sessionId)) ?? count(points.refreshes, groupOf(ip)),
  };
}

const nothing: Begun = { ok: true, succeed: async () => {}, takeBack: async () => {} };

/** Begins an attempt that counts against an account and, if it is known, the address it comes from. */
async function begin(
  points: Points,
  account: string,
  group: string | undefined,
  background: Background,
): Promise<Attempt | Refusal> {
  const address = group === undefined ? nothing : await beginFrom(points, group);
  // Both waits have to be over before trying again makes sense.
  if (!address.ok) return tooMany(Math.max(address.wait, await points.accounts.wait(account)));
  const begun = await points.accounts.begin(account);
  if (begun.ok) return makeAttempt([address, begun], background);
  await address.takeBack();
  return tooMany(begun.wait);
}

/** All keys are of one length, and tell nothing to whoever sees the limiter's store. */
async function keyOf(kind: string, name: string): Promise<string> {
  return `${kind}:${await crypto.sha256(name)}`;
}
