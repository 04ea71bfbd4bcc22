import { LatchkeyError } from "../../../errors.ts";
import type { Route } from "../link/dial.ts";
import type { ServerState } from "./state.ts";

/** What the application has decided about. */
export interface Allowances {
  readonly kind: Route["kind"];
  readonly unfenced: boolean;
}

/** Throws `misuse` for a server that would lose records, or go on answering after another has taken its place (P33). */
export function judge(state: ServerState, { kind, unfenced }: Allowances): void {
  if (state.policy !== "noeviction") {
    throw new LatchkeyError(
      "misuse",
      `latchkey: redisStore() holds users and sessions, and this server may throw them away to make room: its maxmemory-policy is "${state.policy}". Set "maxmemory-policy noeviction" (CONFIG SET maxmemory-policy noeviction, and in redis.conf), or give the store a server of its own`,
    );
  }
  if (kind !== "server" && state.replicas > 0 && state.fence === undefined && !unfenced) {
    throw new LatchkeyError(
      "misuse",
      `latchkey: a primary that is cut off from its ${kind} would go on answering as if nothing had been revoked since. Set "min-replicas-to-write 1" and "min-replicas-max-lag 3" on every server, or pass { unfenced: true } to go without`,
    );
  }
}

/** What of it should be said once: how much a crash may take along, in words that name the setting. */
export function warnings(state: ServerState, kind: Route["kind"]): readonly string[] {
  const found: string[] = [];
  const remedy = 'set "appendonly yes" and "appendfsync always" to lose nothing';
  if (!state.appendOnly) {
    found.push(
      `Redis keeps no append-only file: a crash undoes what was written since its last snapshot, revocations too; ${remedy}`,
    );
  } else if (state.fsync !== "always") {
    const window = state.fsync === "no" ? "about 30 seconds" : "about 1 second";
    const seen =
      state.fsync === undefined
        ? "appendfsync cannot be read and may be everysec"
        : `appendfsync is ${state.fsync}`;
    found.push(`${seen}: a crash of the machine undoes ${window} of what was written; ${remedy}`);
  }
  if (kind === "server" && state.replicas > 0 && state.fence === undefined) {
    found.push(
      'Redis has replicas but no "min-replicas-to-write": if one of them is made the primary while this one is cut off, both answer',
    );
  }
  return found;
}
