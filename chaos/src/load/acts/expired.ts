import { setTimeout as sleep } from "node:timers/promises";
import type { Presented } from "../../history/types.ts";
import type { World } from "../world.ts";
import { check } from "./sessions.ts";

/** Pause between two checks, and how long they go on; milliseconds. */
const [pause, duration] = [20, 800];

/** C8: tokens that have expired, and that nothing else speaks against, are tried on a node again and again. */
export async function tryExpired(world: World, node: number): Promise<void> {
  const now = performance.now();
  const isOver = ({ strategy, expires }: Presented): boolean =>
    world.subject.bound(strategy) === null && expires !== null && expires < now;
  const expired = world.ended.filter(({ credential }) => isOver(credential.presented));
  while (expired.length > 0 && performance.now() - now < duration && !world.isOver) {
    const one = world.random.pick(expired);
    if (one !== undefined) await check(world, one.person, one.credential, node);
    await sleep(pause);
  }
}
