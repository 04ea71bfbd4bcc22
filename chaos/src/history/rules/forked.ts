import type { History, Operation, Violation } from "../types.ts";

/**
 * F: one refresh token was answered with two different successors, or a session ends up with two tokens that nobody has
 * exchanged for another. Being answered with itself makes no successor.
 */
export function findForked({ operations }: History): Violation[] {
  const families = new Map<string, Operation[]>();
  for (const operation of operations) {
    if (operation.kind !== "refresh" || operation.outcome !== "done" || operation.presented === undefined)
      continue;
    const { session } = operation.presented;
    const family = families.get(session);
    if (family === undefined) families.set(session, [operation]);
    else family.push(operation);
  }
  return [...families.values()].flatMap(judge);
}

function judge(family: readonly Operation[]): Violation[] {
  const exchanges = family.filter((it) => it.successor !== it.parent);
  const children = new Map<string, Map<string, Operation>>();
  for (const it of exchanges) {
    const parent = it.parent ?? "";
    const known = children.get(parent) ?? new Map<string, Operation>();
    children.set(parent, known.set(it.successor ?? "", it));
  }
  const forks = [...children.values()].filter((successors) => successors.size > 1);
  const leaves = new Set(exchanges.map((it) => it.successor ?? "").filter((token) => !children.has(token)));
  if (forks.length === 0 && leaves.size <= 1) return [];
  const involved = forks.length > 0 ? forks.flatMap((fork) => [...fork.values()]) : exchanges;
  const why =
    forks.length > 0
      ? `${forks.length} refresh tokens of a session have several successors`
      : `a session has ${leaves.size} newest refresh tokens`;
  return [{ kind: "F", at: involved[0]?.end ?? 0, why, operations: involved }];
}
