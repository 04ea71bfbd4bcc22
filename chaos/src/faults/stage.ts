import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import { tryExpired } from "../load/acts/expired.ts";
import { storm } from "../load/acts/storm.ts";
import type { World } from "../load/world.ts";
import type { Stage } from "./fault.ts";
import { knowledge } from "./recovery.ts";

/** What faults of this world work on. */
export function makeStage(world: World, cluster: Cluster): Stage {
  return {
    ...cluster,
    random: world.random,
    async wait(milliseconds) {
      const until = performance.now() + milliseconds;
      while (performance.now() < until && !world.isOver) await sleep(Math.min(50, milliseconds));
    },
    storm: () => storm(world),
    tryExpired: (node) => tryExpired(world, node),
    knowledge: () => knowledge(world, performance.now()),
  };
}
