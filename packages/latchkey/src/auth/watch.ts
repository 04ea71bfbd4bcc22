import { type ErrorCode, misuse } from "../errors.ts";
import { unref } from "../lib/timing/wake.ts";
import { callOut } from "../session/events/call-out.ts";
import type { Auth, Authenticated, UserRecord, WatchHandlers } from "../types.ts";
import type { Core } from "./core.ts";
import { Shown } from "./result/shown.ts";
import { makePatrol, type Watch } from "./watch/patrol.ts";

/** Longest time that a timer can wait, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** Tells the owners of open connections when the session behind ends, or its roles change. */
export function makeWatch(core: Core): Auth["watch"] {
  const { following, clock, logger } = core;
  const { live, watchers, follow } = following;
  const watches = new Set<Watch>();
  const patrol = makePatrol(core, watches);

  /** What one owner does wrong is no reason that others are not told. */
  function tell(owner: () => unknown): void {
    callOut(owner, (error) => logger?.error({ err: error }, "what watch() was given to call failed"));
  }

  function watch(result: Authenticated, handlers: WatchHandlers): () => void {
    const parts = Shown.partsOf(result, following);
    if (parts === undefined) return misuse("watch(): give the result as authenticate() gave it.");
    const { issued, withRoles } = parts;
    let { version } = issued;
    let { roles } = result.user;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const one: Watch = { ...parts, result, end, holds, stale: () => tell(() => handlers.onStale?.()) };

    function stop(): void {
      leave();
      clearTimeout(timer);
      watches.delete(one);
      patrol.leave(one);
    }

    function end(code: ErrorCode): void {
      if (!watches.has(one)) return;
      stop();
      tell(() => handlers.onEnd({ code }));
    }

    function look(): void {
      const code = live.against(issued, clock());
      if (code === undefined) tellRoles(live.rolesAfter(issued.userId, version) ?? roles);
      else end(code);
    }

    function holds(user: Pick<UserRecord, "roles" | "version">): void {
      if (!watches.has(one)) return;
      version = Math.max(version, user.version);
      // P15: what came by the log meanwhile may be newer.
      tellRoles(live.rolesAfter(issued.userId, version) ?? user.roles);
    }

    function tellRoles(current: readonly string[]): void {
      if (isSame(current, roles)) return;
      roles = current;
      tell(() => handlers.onChange?.(withRoles(current)));
    }

    function awaitEnd(): void {
      const left = result.session.expiresAt - clock();
      if (left <= 0) end("session_expired");
      else timer = unref(setTimeout(awaitEnd, Math.min(left, longestTimer)));
    }

    const leave = watchers.add({ issued, look, doubt: () => patrol.doubt(one) });
    watches.add(one);
    follow();
    patrol.start();
    awaitEnd();
    // What became known since the check counts too, but not before the caller has what this returns.
    queueMicrotask(() => watches.has(one) && look());
    return stop;
  }

  return watch;
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every((role, at) => role === others[at]);
}
