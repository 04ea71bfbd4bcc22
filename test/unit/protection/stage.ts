import { type Auth, type LatchkeyOptions, latchkey, type Refusal, type SignedIn } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { vi } from "vitest";

export const password = "correct horse battery";

/** An authenticator whose hasher costs nothing and counts, and one account in it. */
export interface Stage {
  readonly auth: Auth;
  /** How many passwords were looked at so far. */
  readonly looks: () => number;
  /** A sign-in of the mobile client; `device` is a device token. */
  readonly signIn: (as: Partial<Try>) => Promise<SignedIn | Refusal>;
  /** The same, so often one after the other: what came of each. */
  readonly signIns: (times: number, as: Partial<Try>) => Promise<readonly string[]>;
}

interface Try {
  readonly email: string;
  readonly password: string;
  readonly ip: string;
  readonly forwarded: string;
  readonly device: string;
}

const clients = {
  web: { transport: "cookie", strategy: "session" },
  mobile: { transport: "bearer", strategy: "session" },
} as const;

/** The account that every stage has, and the token of the device on which it was made. */
export const known = "ada@example.com";

export async function makeStage(
  options: Partial<LatchkeyOptions> = {},
  owner: string = known,
): Promise<Stage & { readonly device: string }> {
  let looks = 0;
  const hasher = {
    hash: async (text: string) => `hash of ${text}`,
    async verify(hash: string, text: string) {
      looks++;
      return hash === `hash of ${text}`;
    },
  };
  const auth = latchkey({
    ...{ secret: "s".repeat(32), store: memoryStore(), clients, passwords: { hasher } },
    // Where time is made to fly, what goes on all the time is to go on seldom.
    revocation: { maxStaleness: 60 },
    ...options,
  });
  const made = await auth.api.signUpEmail({ email: owner, password, client: "mobile" });
  const signIn: Stage["signIn"] = ({ email = known, password: typed = password, ip, forwarded, device }) =>
    auth.api.signInEmail(
      { email, password: typed, client: "mobile", deviceToken: device },
      { remoteAddress: ip, ...(forwarded === undefined ? {} : { request: requestVia(forwarded) }) },
    );
  const signIns: Stage["signIns"] = async (times, as) => {
    const outcomes: string[] = [];
    for (let time = 0; time < times; time++) outcomes.push(outcomeOf(await signIn(as)));
    return outcomes;
  };
  return { auth, looks: () => looks, signIn, signIns, device: deviceOf(made) };
}

export function outcomeOf(result: SignedIn | Refusal): string {
  return result.ok ? "signed in" : result.code;
}

export function deviceOf(result: SignedIn | Refusal): string {
  if (!result.ok || result.credentials.transport !== "bearer") throw new Error("no bearer client signed in");
  if (result.credentials.deviceToken === undefined) throw new Error("no device token was given");
  return result.credentials.deviceToken;
}

/** Seconds to wait, of a refusal that must be `rate_limited`. */
export function waitOf(result: SignedIn | Refusal): number {
  if (result.ok || result.code !== "rate_limited" || result.retryAfter === undefined)
    throw new Error(`not limited: ${outcomeOf(result)}`);
  return result.retryAfter;
}

/** How often each outcome occurs. */
export function tally(outcomes: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function requestVia(forwarded: string): Request {
  return new Request("http://localhost/api/auth/sign-in/email", {
    method: "POST",
    headers: { "x-forwarded-for": forwarded, "content-type": "application/json" },
  });
}

/** Time stands still from here on, for the limiter's timers too. What waits for neither goes on. */
export function stopTime(): { readonly pass: (seconds: number) => Promise<void> } {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"], now: Date.UTC(2026, 10, 1) });
  return { pass: async (seconds) => void (await vi.advanceTimersByTimeAsync(seconds * 1000)) };
}
