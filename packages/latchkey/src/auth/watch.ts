import { type ErrorCode, misuse } from "../errors.ts";
import { unref } from "../lib/timing/wake.ts";
import { callOut } from "../session/events/call-out.ts";
import { judgeClaims } from "../session/judge.ts";
import type { Auth, Authenticated, WatchHandlers } from "../types.ts";
import type { Core } from "./core.ts";
import { type ResultParts, Shown } from "./result/shown.ts";

/** Longest time that a timer can wait, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** One open connection, and what its owner is told. */
interface Watch extends ResultParts {
  readonly result: Authenticated;
  readonly end: (code: ErrorCode) => void;
  readonly stale: () => void;
}

/** Tells the owners of open connections when the session behind ends, or its roles change. */
export function makeWatch(core: Core): Auth["watch"] {
  const { following, clock, settings, logger } = core;
  const { live, watchers, follow } = following;
  const watches = new Set<Watch>();
  let patrol: ReturnType<typeof setInterval> | undefined;

  /** What one owner does wrong is no reason that others are not told. */
  function tell(owner: () => unknown): void {
    callOut(owner, (error) => logger?.error({ err: error }, "what watch() was given to call failed"));
  }

  function watch(result: Authenticated, handlers: WatchHandlers): () => void {
    const parts = Shown.partsOf(result, following);
    if (parts === undefined) return misuse("watch(): give the result as authenticate() gave it.");
    const { issued, withRoles } = parts;
    let roles = result.user.roles;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const one: Watch = { ...parts, result, end, stale: () => tell(() => handlers.onStale?.()) };

    function stop(): void {
      leave();
      clearTimeout(timer);
      watches.delete(one);
      if (watches.size > 0) return;
      clearInterval(patrol);
      patrol = undefined;
    }

    function end(code: ErrorCode): void {
      if (!watches.has(one)) return;
      stop();
      tell(() => handlers.onEnd({ code }));
    }

    function look(): void {
      const code = live.against(issued, clock());
      if (code !== undefined) {
        end(code);
        return;
      }
      const current = live.rolesAfter(issued.userId, issued.version) ?? roles;
      if (current === roles) return;
      roles = current;
      tell(() => handlers.onChange?.(withRoles(current)));
    }

    function awaitEnd(): void {
      const left = result.session.expiresAt - clock();
      if (left <= 0) end("session_expired");
      else timer = unref(setTimeout(awaitEnd, Math.min(left, longestTimer)));
    }

    const leave = watchers.add({ issued, look });
    watches.add(one);
    follow();
    patrol ??= unref(
      setInterval(() => void lookAround(core, watches), settings.revocation.maxStaleness * 1000),
    );
    awaitEnd();
    // What became known since the check counts too, but not before the caller has what this returns.
    queueMicrotask(() => watches.has(one) && look());
    return stop;
  }

  return watch;
}

/** Where what is known is too old, the store is asked for each connection, as it would be for a check. */
async function lookAround(core: Core, watches: ReadonlySet<Watch>): Promise<void> {
  const { live } = core.following;
  if (live.isCurrent()) return;
  for (const one of [...watches]) {
    const code = await askStore(core, one);
    if (code === "cannot_tell") one.stale();
    else if (code !== undefined) one.end(code);
  }
}

async function askStore(
  { following: { live }, settings, strategies }: Core,
  { issued, result: { client: name, strategy } }: Watch,
): Promise<ErrorCode | undefined> {
  if (settings.revocation.onStale === "reject") return "cannot_tell";
  const client = settings.clients.get(name);
  const hasRow = client !== undefined && strategies[strategy].keepsSession(client);
  try {
    const read = await live.lookup(issued.sessionId, issued.userId);
    const epochs = [issued.globalEpoch, issued.userEpoch, issued.sessionEpoch] as const;
    const judged = judgeClaims(read, name, epochs, hasRow);
    return judged.ok ? undefined : judged.code;
  } catch {
    return "cannot_tell";
  }
}
