import { setTimeout as sleep } from "node:timers/promises";
import { send } from "../load/http.ts";
import type { World } from "../load/world.ts";

/** How long a mended system may take, in milliseconds. */
const patience = 30_000;

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

/** When every node has known, by itself, all that there is to know: whoever has heard of more has written it back by then. */
export async function knowledge(world: World, since: number): Promise<number | null> {
  const left = new Set(world.nodes);
  while (performance.now() - since < patience) {
    const asking = [...left].map(async (node) => {
      if (await isCurrent(node, since)) left.delete(node);
    });
    await Promise.all(asking);
    if (left.size === 0) return performance.now();
    await sleep(20);
  }
  return null;
}

async function isCurrent({ url }: World["nodes"][number], since: number): Promise<boolean> {
  const asked = performance.now();
  const { body } = await send(url, { path: "/current" });
  return typeof body?.age === "number" && body.age < asked - since;
}
