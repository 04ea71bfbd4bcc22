import { type Refusal, refuse } from "../errors.ts";
import { addressGroup } from "../lib/net/address.ts";
import type { RateLimits } from "../types.ts";
import { type Begun, nothing, type Refused } from "./attempt.ts";
import { type Limiter, makeLimiter } from "./limiter.ts";
import { makePauses, type Pauses } from "./pauses.ts";

/** Everything that is counted. */
export interface Points {
  /** Wrong secrets, by account. */
  readonly accounts: Pauses;
  /** Wrong passwords from a known device, by device. */
  readonly devices: Limiter;
  /** Wrong passwords, by address. */
  readonly failures: Limiter;
  /** Wrong secrets of services, by address. */
  readonly services: Limiter;
  readonly signUps: Limiter;
  readonly refreshes: Limiter;
  /** By session: once a second on average, far more than a client needs whatever its tabs do. */
  readonly refreshesOfSession: Limiter;
}

/** The counters for the limits. */
export function makePoints(limits: RateLimits): Points {
  const { perIp, perAccount } = limits;
  const limiter = (keyPrefix: string, points: number, duration = perIp.window): Limiter =>
    makeLimiter({ keyPrefix, points, duration }, limits.limiter);
  return {
    accounts: makePauses(limits),
    devices: limiter("latchkey-device", perAccount.attempts, perAccount.memory),
    failures: limiter("latchkey-ip", perIp.failures),
    services: limiter("latchkey-service-ip", perIp.failures),
    signUps: limiter("latchkey-sign-up", perIp.signUps),
    refreshes: limiter("latchkey-refresh-ip", perIp.refreshes),
    refreshesOfSession: limiter("latchkey-refresh", perIp.window),
  };
}

/** A success takes back its own point and no other: else signing in oneself would buy guesses at others. */
export async function beginFrom({ failures }: Points, group: string): Promise<Begun | Refused> {
  const { ok, wait } = await failures.take(group);
  const takeBack = (): Promise<void> => failures.giveBack(group);
  if (ok) return { ok, succeed: takeBack, fail: nothing, takeBack };
  await takeBack();
  return { ok, wait };
}

/** A known device has a count of its own. Once that is used up the device is worth nothing, until it is forgotten. */
export async function beginKnown({ devices }: Points, device: string): Promise<Begun | Refused> {
  const { ok, wait } = await devices.take(device);
  const succeed = (): Promise<void> => devices.forget(device);
  return ok ? { ok, succeed, fail: nothing, takeBack: () => devices.giveBack(device) } : { ok, wait };
}

/** Takes a point for good. `key` undefined: it is not known whom to count. */
export async function count(limiter: Limiter, key: string | undefined): Promise<Refusal | undefined> {
  if (key === undefined) return undefined;
  const { ok, wait } = await limiter.take(key);
  return ok ? undefined : tooMany(wait);
}

/** Who is behind an address, as far as it is known. */
export function groupOf(ip: string | undefined): string | undefined {
  return ip === undefined ? undefined : addressGroup(ip);
}

/** Milliseconds to wait → the refusal that says so. */
export function tooMany(wait: number): Refusal {
  return refuse("rate_limited", { retryAfter: Math.max(1, Math.ceil(wait / 1000)) });
}
