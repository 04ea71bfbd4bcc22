import type { History, Operation, Violation } from "../types.ts";

/** W: what was written into a session, and answered, is not there when it is read later. */
export function findOverwritten({ operations, faults }: History): Violation[] {
  const restored = Math.min(...faults.filter((it) => it.restored).map(({ start }) => start));
  const written = new Map<string, Operation[]>();
  for (const it of operations) {
    const session = it.presented?.session;
    if (session === undefined || it.kind !== "work" || it.outcome !== "done") continue;
    const known = written.get(session);
    if (known === undefined) written.set(session, [it]);
    else known.push(it);
  }
  return operations.flatMap((read): Violation[] => {
    if (read.seen === undefined || read.end > restored) return [];
    const { seen } = read;
    const gone = (written.get(read.presented?.session ?? "") ?? []).filter(
      (it) => it.end < read.start && it.wrote !== undefined && !seen.includes(it.wrote),
    );
    if (gone.length === 0) return [];
    const why = `${gone.length} members written into a session are gone`;
    return [{ kind: "W", at: read.end, why, operations: [read, ...gone] }];
  });
}
