import { type Refusal, refuse } from "../../errors.ts";
import { unref } from "../../lib/timing/wake.ts";
import type { Settings } from "../../types.ts";
import { type EventStream, makeEventStream } from "./stream.ts";

/** The streams that are open in this process. */
export interface EventStreams {
  /** Opens one for the user. `onOver` is called once, when it is over. */
  open(userId: string, onOver: () => void): { readonly ok: true; readonly stream: EventStream } | Refusal;
  /** Ends all of them, and opens no more. */
  close(): void;
}

/** How often a stream shows that it is alive, in milliseconds: proxies cut what is silent for a minute or less. */
const keepAlive = 15_000;
/** How soon a browser comes again, in milliseconds: each a little later than the one before. */
const [soonest, spread, step] = [1000, 4000, 617];
/** When to try again, in seconds. */
const fullFor = 30;
const stoppedFor = 1;

/** No timer runs while there is no stream (P36). */
export function makeEventStreams({ perUser, total }: NonNullable<Settings["events"]>): EventStreams {
  const all = new Set<EventStream>();
  const ofUser = new Map<string, number>();
  let patrol: ReturnType<typeof setInterval> | undefined;
  let stopped = false;
  let opened = 0;

  function refusal(userId: string): Refusal | undefined {
    if (stopped) return refuse("busy", { retryAfter: stoppedFor });
    if (all.size >= total) return refuse("busy", { retryAfter: fullFor });
    if ((ofUser.get(userId) ?? 0) < perUser) return undefined;
    return refuse("rate_limited", { retryAfter: fullFor });
  }

  function leave(userId: string, stream: EventStream): void {
    all.delete(stream);
    const left = (ofUser.get(userId) ?? 0) - 1;
    if (left > 0) ofUser.set(userId, left);
    else ofUser.delete(userId);
    if (all.size > 0) return;
    clearInterval(patrol);
    patrol = undefined;
  }

  function showAlive(): void {
    for (const stream of [...all]) stream.keepAlive();
  }

  return {
    open(userId, onOver) {
      const refused = refusal(userId);
      if (refused !== undefined) return refused;
      const reconnectAfter = soonest + ((opened++ * step) % spread);
      const stream = makeEventStream(reconnectAfter, () => {
        leave(userId, stream);
        onOver();
      });
      all.add(stream);
      ofUser.set(userId, (ofUser.get(userId) ?? 0) + 1);
      patrol ??= unref(setInterval(showAlive, keepAlive));
      return { ok: true, stream };
    },
    close() {
      stopped = true;
      for (const stream of [...all]) stream.end();
    },
  };
}
