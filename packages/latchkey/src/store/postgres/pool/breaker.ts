import { LatchkeyError } from "../../../errors.ts";
import { unref } from "../../../lib/timing/wake.ts";
import type { Outage } from "../../sql/outage.ts";
import { isCrowded, Lost, lateFor, toFault } from "../fault.ts";

/** How long nobody may have been answered before the database counts as silent, in ms. */
const silence = 150;
/** After how long it is asked whether it is there again, in ms: the last one from then on. */
const pauses = [50, 100, 200, 400, 800];

/** Knows whether the database answers. */
export interface Breaker {
  /** Throws if it does not: nobody waits for what is known not to come (P32). */
  check(): void;
  /** Somebody was answered. */
  answered(): void;
  /** Somebody was not who had asked then (`performance.now()`). That counts if nobody else was either since. */
  late(asked: number): void;
  /** The same, for this reason, if the reason is that a connection broke or was not to be had. */
  lost(reason: unknown, asked: number): void;
  stop(): void;
}

/** What a breaker needs. */
export interface BreakerOptions {
  /** For messages. */
  readonly name: string;
  readonly outage: Outage;
  /** Rejects unless the database answers. */
  readonly probe: () => Promise<void>;
  /** Called when it is found silent. */
  readonly onBreak: (error: LatchkeyError) => void;
}

/** The database answers until it is found silent, and then again from the first probe that it answers. */
export function makeBreaker({ name, outage, probe, onBreak }: BreakerOptions): Breaker {
  let lastAnswer = 0;
  let fault: LatchkeyError | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function open(error: LatchkeyError, asked: number): void {
    const isSilent = lastAnswer < asked && performance.now() - lastAnswer >= silence;
    if (fault !== undefined || !isSilent) return;
    fault = error;
    outage.begins(error);
    onBreak(error);
    probeAfter(0);
  }

  function probeAfter(round: number): void {
    const pause = pauses[Math.min(round, pauses.length - 1)];
    timer = unref(
      setTimeout(() => {
        probe().then(close, () => {
          if (timer !== undefined) probeAfter(round + 1);
        });
      }, pause),
    );
  }

  function close(): void {
    fault = undefined;
    lastAnswer = performance.now();
    outage.ends();
  }

  return {
    check: () => {
      if (fault === undefined) return;
      const detail = `${fault.message}; it is being asked again`;
      throw new LatchkeyError("cannot_tell", detail, { cause: fault.cause, retryAfter: 1 });
    },
    answered: () => {
      lastAnswer = performance.now();
    },
    late: (asked) => open(lateFor(name), asked),
    lost: (reason, asked) => {
      if (reason instanceof Lost && !isCrowded(reason)) open(toFault(name, reason), asked);
    },
    stop: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
