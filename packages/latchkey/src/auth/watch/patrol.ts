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

/** How long a store is left alone that stumbled, in milliseconds: it is often at its reset that it does. */
const pause = 300;

export function makePatrol(core: Core, watches: ReadonlySet<Watch>): Patrol {
  const { live } = core.following;
  const { maxStaleness, onStale } = core.settings.revocation;
  const doubted = new Set<Watch>();
  let timer: ReturnType<typeof setInterval> | undefined;
  let round: Promise<void> | undefined;
  let due = false;
  /** In a row. */
  let failures = 0;
  let isPausing = false;

  async function goRound(): Promise<void> {
    for (const one of [...watches]) {
      // Forgotten before it is asked: a doubt that comes up meanwhile needs another answer.
      const inDoubt = doubted.delete(one);
      if (!watches.has(one) || (live.isCurrent() && !inDoubt)) continue;
      const found = inDoubt || onStale !== "reject" ? await askStore(core, one) : "cannot_tell";
      failures = found === "cannot_tell" ? failures + 1 : 0;
      if (found === "cannot_tell" && inDoubt && doubtAgain(one)) return;
      tellOf(one, found);
    }
  }

  /** Whether the store has only just begun not to answer: it is asked again before anybody is told. */
  function doubtAgain(one: Watch): boolean {
    if (watches.has(one)) doubted.add(one);
    if (failures > 1) return false;
    isPausing = true;
    const goOn = (): void => {
      isPausing = false;
      void look();
    };
    unref(setTimeout(goOn, pause));
    return true;
  }

  /** One at a time: a store that is slow is not asked twice. */
  async function look(): Promise<void> {
    if (isPausing) return;
    round ??= goRound().finally(() => {
      round = undefined;
    });
    await round;
  }

  return {
    start() {
      timer ??= unref(setInterval(() => void look(), maxStaleness * 1000));
    },
    doubt(one) {
      doubted.add(one);
      // A round that is under way may have passed this one by.
      if (due) return;
      due = true;
      void Promise.resolve(round).then(() => {
        due = false;
        return look();
      });
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
