import { setTimeout as sleep } from "node:timers/promises";
import { perform, type World } from "./world.ts";

/** How often each node is asked for nothing, in milliseconds. */
const every = 25;

/** Asks each node for nothing, all the time: what that takes the machine takes for everything. */
export async function askForNothing(world: World): Promise<void> {
  await Promise.all(
    world.nodes.map(async ({ starved }, node) => {
      while (!world.isOver) {
        const before = starved();
        const learn = () => ({ starved: starved() - before });
        await perform(world, { path: "/bare" }, { kind: "bare", name: "bare", user: "", node }, { learn });
        await sleep(every);
      }
    }),
  );
}
