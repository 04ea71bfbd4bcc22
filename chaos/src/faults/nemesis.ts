import type { Cluster } from "../cluster/cluster.ts";
import type { Fault } from "../history/types.ts";
import type { World } from "../load/world.ts";
import type { FaultKind, Stage } from "./fault.ts";
import { faultKinds } from "./kinds/all.ts";
import { diskFull } from "./kinds/room.ts";
import { knowledge, recovery } from "./recovery.ts";
import { makeStage } from "./stage.ts";

/** What is broken, and who is told. */
interface Breaking {
  /** Only kinds with this in their name; null: nothing at all. */
  readonly only: string | null;
  /** What was done is added to these. */
  readonly faults: Fault[];
  readonly tell: (line: string) => void;
}

/** Breaks one thing after the other, each kind once before any comes again, until the world is over. */
export async function breakThings(
  world: World,
  cluster: Cluster,
  { only, faults, tell }: Breaking,
): Promise<void> {
  const { random } = world;
  const stage = makeStage(world, cluster);
  const possible = chosen(only, cluster);
  if (possible.length === 0) return;
  let left: FaultKind[] = [];
  await stage.wait(1000);
  while (!world.isOver) {
    if (left.length === 0) left = [...possible];
    const [kind] = left.splice(random.below(left.length), 1);
    if (kind === undefined) return;
    tell(`  ${kind.name}`);
    faults.push(await one(kind, stage, world));
    await stage.wait(random.between(300, 1500));
  }
}

/** Whether the store's disk has to be one that can be full. */
export function wantsSmallDisk(only: string | null): boolean {
  return only !== null && diskFull.includes(only);
}

function chosen(only: string | null, { store }: Cluster): readonly FaultKind[] {
  if (only === null) return [];
  const isNamed = (kind: FaultKind): boolean =>
    kind.name.includes(only) && (only !== "" || kind.onlyIfNamed !== true);
  return faultKinds.filter((kind) => isNamed(kind) && kind.possible(store));
}

async function one(kind: FaultKind, stage: Stage, world: World): Promise<Fault> {
  const start = performance.now();
  const { mend, node = null, restores, ...more } = await kind.inflict(stage);
  await mend();
  const end = performance.now();
  const isTold = restores !== undefined || more.clock !== undefined;
  const recovered = await (isTold ? knowledge : recovery)(world, end);
  const restored = restores === undefined ? {} : { restored: true };
  return { name: kind.name, node, start: restores ?? start, end, recovered, ...restored, ...more };
}
