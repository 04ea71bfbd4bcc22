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
  const held = await checkpoints.findHeld((position) => holds(feed, position));
  if (feed.restore === undefined) return;
  if (held === undefined) return endEverything(recovery, feed.restore);
  const restored = await restoreAll(feed.restore, recovery.knowledge.kept());
  const since = new Date(held.at).toISOString();
  logger?.error({ since, restored }, `the store was rolled back to ${since}: ${restored} changes made good`);
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

/** Unless another process has done so already: then the store's epoch is above all that this one has heard of. */
async function endEverything(
  { knowledge, logger }: Recovery,
  restore: NonNullable<Feed["restore"]>,
): Promise<void> {
  const [known, found] = [Math.max(knowledge.global.epoch, 0), await restore.globalEpoch()];
  if (found > known) return;
  await restore.changes([{ kind: "global_epoch", epoch: known + 1 }]);
  logger?.error(
    { globalEpoch: known + 1 },
    "the store lost more than this process remembers, and with it what was revoked meanwhile: everybody is signed out",
  );
}
