import type { ErrorCode, Refusal } from "../../errors.ts";
import { unref } from "../../lib/timing/wake.ts";
import { type JudgedClaims, judgeClaims } from "../../session/judge.ts";
import type { Authenticated, UserRecord } from "../../types.ts";
import type { Core } from "../core.ts";
import type { ResultParts } from "../result/shown.ts";

/** One open connection, and what its owner is told. */
export interface Watch extends ResultParts {
  readonly result: Authenticated;
  readonly end: (code: ErrorCode) => void;
  readonly stale: () => void;
  /** The store has said that it holds, and who the user is now. */
  readonly holds: (user: Pick<UserRecord, "roles" | "version">) => void;
}

/** Sees to it that the store is asked where what is known does not say all. */
export interface Patrol {
  start(): void;
  /** Asks for this one until the store has answered. */
  doubt(one: Watch): void;
  leave(one: Watch): void;
}

export function makePatrol(core: Core, watches: ReadonlySet<Watch>): Patrol {
  const { live } = core.following;
  const { maxStaleness, onStale } = core.settings.revocation;
  const doubted = new Set<Watch>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let round: Promise<void> | undefined;

  async function goRound(): Promise<void> {
    for (const one of [...watches]) {
      // Forgotten before it is asked: a doubt that comes up meanwhile needs another answer.
      const inDoubt = doubted.delete(one);
      if (!watches.has(one) || (live.isCurrent() && !inDoubt)) continue;
      const found = inDoubt || onStale !== "reject" ? await askStore(core, one) : "cannot_tell";
      tellOf(one, found);
      if (found === "cannot_tell" && inDoubt && watches.has(one)) doubted.add(one);
    }
  }

  /** One at a time: a store that is slow is not asked twice. */
  function look(): Promise<void> {
    round ??= goRound().finally(() => {
      round = undefined;
    });
    return round;
  }

  return {
    start() {
      timer ??= unref(setInterval(() => void look(), maxStaleness * 1000));
    },
    doubt(one) {
      const isFirst = doubted.size === 0;
      doubted.add(one);
      // A round that is under way may have passed this one by.
      if (isFirst) void Promise.resolve(round).then(look);
    },
    leave(one) {
      doubted.delete(one);
      if (watches.size > 0) return;
      clearInterval(timer);
      timer = undefined;
    },
  };
}

function tellOf(one: Watch, found: JudgedClaims | Refusal | "cannot_tell"): void {
  if (found === "cannot_tell") one.stale();
  else if (found.ok) one.holds(found.user);
  else one.end(found.code);
}

/** As a check would ask for this connection. */
async function askStore(
  { following: { live }, settings, strategies }: Core,
  { issued, result: { client: name, strategy } }: Watch,
): Promise<JudgedClaims | Refusal | "cannot_tell"> {
  const client = settings.clients.get(name);
  const hasRow = client !== undefined && strategies[strategy].keepsSession(client);
  try {
    const read = await live.lookup(issued.sessionId, issued.userId);
    const epochs = [issued.globalEpoch, issued.userEpoch, issued.sessionEpoch] as const;
    return judgeClaims(read, name, epochs, hasRow);
  } catch {
    return "cannot_tell";
  }
}
