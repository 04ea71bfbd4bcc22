import type { Change, ChangesPage, LeaseRenewal, Position, ReadChanges, Store } from "../../../types.ts";

/** Looks at the log once, without waiting and without a lease. */
export function look(
  store: Store,
  after: Position | null,
  wanted: Partial<ReadChanges> = {},
): Promise<ChangesPage> {
  return store.readChanges({ after, limit: 1000, waitMs: 0, lease: null, ...wanted });
}

/** Where the log ends now. */
export async function headOf(store: Store): Promise<Position> {
  let page = await look(store, null);
  while (!page.atHead) page = await look(store, page.position);
  return page.position;
}

/** What the work adds to the log. */
export async function changesOf(store: Store, work: () => Promise<unknown>): Promise<readonly Change[]> {
  const before = await headOf(store);
  await work();
  return (await look(store, before)).changes.map(({ change }) => change);
}

/** A lease nobody has yet. */
export function aLease(id: string, counter: number, wanted: Partial<LeaseRenewal> = {}): LeaseRenewal {
  return { id, counter, node: `node ${id}`, duration: 2450, accepts: false, ...wanted };
}
