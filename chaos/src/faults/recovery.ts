import { setTimeout as sleep } from "node:timers/promises";
import { send } from "../load/http.ts";
import type { World } from "../load/world.ts";

/** How long a mended system may take, in milliseconds. */
const patience = 20_000;

/** When every node has answered a check again, with anything but "cannot tell". */
export async function recovery(world: World, since: number): Promise<number | null> {
  const up = new Set<number>();
  let seen = world.operations.length;
  while (performance.now() - since < patience) {
    for (; seen < world.operations.length; seen++) {
      const it = world.operations[seen];
      const isSign = it !== undefined && it.kind === "check" && it.start > since;
      if (isSign && (it.outcome === "done" || it.outcome === "refused")) up.add(it.node);
    }
    if (up.size === world.nodes.length) return performance.now();
    if (world.isOver) return null;
    await sleep(20);
  }
  return null;
}

/** When every node knows all that there is to know again, by itself. */
export async function knowledge(world: World, since: number): Promise<number | null> {
  const isCurrent = async ({ url }: World["nodes"][number]): Promise<boolean> => {
    const asked = performance.now();
    const { body } = await send(url, { path: "/current" });
    return typeof body?.age === "number" && body.age < asked - since;
  };
  while (performance.now() - since < patience) {
    const current = await Promise.all(world.nodes.map(isCurrent));
    if (current.every(Boolean)) return performance.now();
    await sleep(20);
  }
  return null;
}
