import type { Change, Logger, LogReset, Position } from "../../types.ts";
import type { Knowledge } from "../knowledge/knowledge.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Feed } from "./feed.ts";

/** What is needed to go on after the log turned out to be another one than was read. */
export interface Recovery {
  readonly feed: Feed;
  readonly knowledge: Knowledge;
  readonly checkpoints: Checkpoints;
  readonly logger: Logger | undefined;
}

/** Changes that are made good at once. */
const batch = 500;

/**
 * What this process heard of stays forbidden, whatever the log says now. If the store was rolled back it is made true
 * there again (P13). Where the store has lost more than this process remembers, nobody can tell what was revoked in
 * between: then everything issued so far is refused.
 */
export async function recover(recovery: Recovery, reset: LogReset): Promise<void> {
  const { feed, checkpoints, logger } = recovery;
  if (reset !== "lost") {
    logger?.info({ reset }, `the change log was ${reset}: reading it from the beginning`);
    return;
  }
  const newest = checkpoints.newest();
  const held = await checkpoints.findHeld((position) => holds(feed, position));
  if (feed.restore === undefined) return;
  if (held === undefined) return endEverything(recovery, feed.restore, newest?.at ?? 0);
  const restored = await restoreAll(feed.restore, recovery.knowledge.kept());
  const since = new Date(held.at).toISOString();
  logger?.error({ since, restored }, `the store was rolled back to ${since}: ${restored} changes made good`);
}

/** The log goes on where this process has read it, and lacks what the process has changed since: it is done again. */
export async function restoreOwn(
  { feed, logger }: Pick<Recovery, "feed" | "logger">,
  changes: readonly Change[],
): Promise<void> {
  if (feed.restore === undefined) return;
  const restored = await restoreAll(feed.restore, changes);
  if (restored > 0)
    logger?.error({ restored }, `the store has lost its newest changes: ${restored} made good`);
}

async function holds(feed: Feed, position: Position): Promise<boolean> {
  const page = await feed.read({ after: position, limit: 1, waitMs: 0, lease: null });
  // From a later place than was trimmed away everything is held.
  return page.reset !== "lost";
}

async function restoreAll(
  restore: NonNullable<Feed["restore"]>,
  changes: readonly Change[],
): Promise<number> {
  let restored = 0;
  for (let at = 0; at < changes.length; at += batch)
    restored += await restore.changes(changes.slice(at, at + batch));
  return restored;
}

/**
 * Unless another process has done so already: then the store's epoch, which tells when it was raised, is of a time after
 * that at which this process last read the log that is lost.
 */
async function endEverything(
  { knowledge, logger }: Recovery,
  restore: NonNullable<Feed["restore"]>,
  lastRead: number,
): Promise<void> {
  const { globalEpoch: found, now } = await restore.globalEpoch();
  const known = Math.max(knowledge.global.epoch, 0);
  if (found > Math.max(known, lastRead)) return;
  const epoch = Math.max(known + 1, found + 1, now);
  await restore.changes([{ kind: "global_epoch", epoch }]);
  logger?.error(
    { globalEpoch: epoch },
    "the store lost more than this process remembers, and with it what was revoked meanwhile: everybody is signed out",
  );
}
