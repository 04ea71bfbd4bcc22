import { withLimit } from "../../lib/store/limit.ts";
import type { Change, ChangesPage, LoggedChange, ReadChanges, Service, Store } from "../../types.ts";

/** By how much the counter of a lease rises from one request to the next: so often at most one is renewed in between. */
export const countersApart = 1024;

/** How long the log may take beyond the time it was asked to wait, in milliseconds. */
const patience = 2000;

/**
 * Reads the log as the service may see it. A third party sees what concerns its audience, and neither the rest nor when
 * there was any: while there is nothing for it, it waits on.
 */
export function readFor(service: Service, store: Store, read: ReadChanges): Promise<ChangesPage> {
  return withLimit(readOn(service, store, read), read.waitMs + patience, "the change log did not answer");
}

async function readOn({ audience }: Service, store: Store, read: ReadChanges): Promise<ChangesPage> {
  if (audience === null) return withoutAudiences(await store.readChanges(read));
  const end = performance.now() + read.waitMs;
  let { after, lease } = read;
  for (let round = 1; ; round += 1) {
    const waitMs = round < countersApart ? Math.max(0, end - performance.now()) : 0;
    const page = await store.readChanges({ ...read, after, lease, waitMs });
    const changes = page.changes.filter(({ change }) => concerns(change, audience));
    const isWorthTelling = page.reset !== false || changes.length > 0 || !page.atHead || waitMs === 0;
    if (isWorthTelling) return withoutAudiences({ ...page, changes });
    // Whoever has applied everything up to where it began has with that applied all there is for it up to here.
    after = page.position;
    lease &&= { ...lease, counter: lease.counter + 1 };
  }
}

/** What has no name of a third party in it concerns everybody, or nobody but us. */
function concerns(change: Change, audience: string): boolean {
  switch (change.kind) {
    case "session_ended":
    case "session_epoch":
    case "user_epoch":
    case "user_deleted":
      return change.audiences?.includes(audience) ?? false;
    case "user_state":
      return false; // Roles are none of its business, and a ban raises the epoch.
    case "global_epoch":
    case "key_added":
    case "key_retired":
      return true;
  }
}

/** For whom else something was exchanged is nobody's business. */
function withoutAudiences(page: ChangesPage): ChangesPage {
  return { ...page, changes: page.changes.map(withoutAudience) };
}

function withoutAudience(logged: LoggedChange): LoggedChange {
  if (!("audiences" in logged.change)) return logged;
  const { audiences: _, ...change } = logged.change;
  return { ...logged, change };
}
