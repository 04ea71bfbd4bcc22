import { setTimeout as sleep } from "node:timers/promises";
import type { Credential, Person, World } from "../world.ts";
import { check } from "./sessions.ts";

/** Pause between two checks of one node, in milliseconds: where it accepts, and where it cannot tell. */
const pause = { accepted: 2, other: 50 };
/** How long after the bound a node is watched. */
const beyond = 1000;

/** Asks every node, again and again, until it refuses: that is how long a revocation takes to be known. */
export async function watch(world: World, person: Person, credential: Credential): Promise<void> {
  const bound = world.subject.bound(credential.presented.strategy);
  // What cannot be taken back would be accepted all the time.
  if (bound === null) return;
  const until = performance.now() + bound + beyond;
  await Promise.all(
    world.nodes.map(async (_, node) => {
      while (performance.now() < until && !world.isOver) {
        const { outcome } = await check(world, person, credential, node);
        if (outcome === "refused") return;
        await sleep(outcome === "done" ? pause.accepted : pause.other);
      }
    }),
  );
}
