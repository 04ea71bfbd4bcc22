import type { Refusal } from "../errors.ts";
import { crypto } from "../lib/crypto.ts";
import type { RateLimits } from "../types.ts";
import { type Attempt, type Background, type Begun, makeAttempt, nothing, type Refused } from "./attempt.ts";
import { type Flights, makeFlights } from "./flights.ts";
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
  /**
   * The secret of a service. Counted by id and address together, so that no stranger can lock a service out, and only
   * once it turned out to be wrong: services call often and at the same time, and their secrets are not to be guessed.
   */
  service(id: string, ip: string | undefined): Promise<Attempt | Refusal>;
  signUp(ip: string | undefined): Promise<Refusal | undefined>;
  /** A refresh with an authentic token. */
  refresh(sessionId: string, ip: string | undefined): Promise<Refusal | undefined>;
}

/** Nothing is started before the first call. */
export function makeGuard(limits: RateLimits, background: Background): Guard {
  const points = makePoints(limits);
  const parts: Parts = { points, flights: makeFlights(), background };
  return {
    async signIn({ email, ip, device }) {
      const known = device === undefined ? undefined : await beginKnown(points, device);
      if (known?.ok) return makeAttempt([known], background);
      return begin(parts, await keyOf("email", email), groupOf(ip));
    },
    password: async (userId) => begin(parts, await keyOf("user", userId), undefined),
    async service(id, ip) {
      const key = await keyOf("service", `${groupOf(ip)} ${id}`);
      const wait = ip === undefined ? 0 : await points.accounts.wait(key);
      if (wait > 0) return tooMany(wait);
      // Anybody can name services: of an address no more of them are remembered than it has failures.
      const isCounted = async (): Promise<boolean> =>
        (await count(points.services, groupOf(ip))) === undefined;
      const fail = ip === undefined ? nothing : async () => (await isCounted()) && points.accounts.begin(key);
      return makeAttempt([{ ok: true, succeed: nothing, fail, takeBack: nothing }], background);
    },
    signUp: async (ip) => count(points.signUps, groupOf(ip)),
    refresh: async (sessionId, ip) =>
      (await count(points.refreshesOfSession, sessionId)) ?? count(points.refreshes, groupOf(ip)),
  };
}

interface Parts {
  readonly points: Points;
  readonly flights: Flights;
  readonly background: Background;
}

/** Begins an attempt that counts against an account and, if it is known, the address it comes from. */
async function begin(
  { points, flights, background }: Parts,
  account: string,
  group: string | undefined,
): Promise<Attempt | Refusal> {
  const keys = group === undefined ? [account] : [account, group];
  const begun = await flights.begin(keys, () => takePoints(points, account, group));
  return begun.ok ? makeAttempt(begun.points, background, begun.land) : tooMany(begun.wait);
}

async function takePoints(
  points: Points,
  account: string,
  group: string | undefined,
): Promise<readonly Begun[] | Refused> {
  const address = group === undefined ? undefined : await beginFrom(points, group);
  // Both waits have to be over before trying again makes sense.
  if (address?.ok === false) {
    return { ok: false, wait: Math.max(address.wait, await points.accounts.wait(account)) };
  }
  const begun = await points.accounts.begin(account);
  if (begun.ok) return address === undefined ? [begun] : [address, begun];
  await address?.takeBack();
  return begun;
}

/** All keys are of one length, and tell nothing to whoever sees the limiter's store. */
async function keyOf(kind: string, name: string): Promise<string> {
  return `${kind}:${await crypto.sha256(name)}`;
}
