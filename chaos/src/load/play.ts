import type { Random } from "../random.ts";
import type { Subject } from "../subject/subject.ts";
import { askForNothing } from "./bare.ts";
import { send } from "./http.ts";
import { load, populate } from "./load.ts";
import { sweep } from "./sweep.ts";
import type { LoadName } from "./weights.ts";
import type { World } from "./world.ts";

/** How the load is played. */
export interface PlayOptions {
  readonly nodes: World["nodes"];
  readonly subject: Subject;
  readonly random: Random;
  readonly seconds: number;
  readonly load: LoadName;
  /** Acts a second. */
  readonly rate: number;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  /** What is done first, before the load; null: nothing. */
  readonly first: ((world: World) => Promise<void>) | null;
  /** What goes on beside the load, until the world is over. */
  readonly meanwhile: (world: World) => Promise<void>;
  /** Waits until what was broken last is whole again. */
  readonly rest: () => Promise<void>;
}

/** Loads nodes for as long as is wanted, then looks whether everybody is where they should be. */
export async function play(options: PlayOptions): Promise<World["operations"]> {
  const { nodes, subject, random, rate, signal } = options;
  const world: World = {
    ...{ nodes, subject, random, operations: [], people: [], live: [], ended: [] },
    isOver: signal.aborted,
  };
  const stop = (): void => {
    world.isOver = true;
  };
  signal.addEventListener("abort", stop);
  await subject.prepare((call) => send(nodes[0]?.url ?? "", call));
  await populate(world);
  await options.first?.(world);
  const timer = setTimeout(stop, options.seconds * 1000);
  const progress = tellProgress(world, options);
  await Promise.all([load(world, options.load, rate), options.meanwhile(world), askForNothing(world)]);
  clearTimeout(timer);
  clearInterval(progress);
  if (signal.aborted) return world.operations;
  await options.rest();
  world.isOver = false;
  const asking = askForNothing(world);
  await sweep(world);
  stop();
  await asking;
  return world.operations;
}

function tellProgress(world: World, { tell, seconds }: PlayOptions): NodeJS.Timeout {
  const began = performance.now();
  return setInterval(() => {
    const passed = Math.round((performance.now() - began) / 1000);
    tell(`${passed}/${seconds} s: ${world.operations.length} operations, ${world.live.length} sessions live`);
  }, 10_000);
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
