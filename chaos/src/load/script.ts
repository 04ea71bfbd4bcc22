import type { NodeProcess } from "../cluster/nodes.ts";
import type { Fault } from "../history/types.ts";
import { endSession } from "./acts/endings.ts";
import { endWhileAtWork, refreshAtOnce } from "./acts/races.ts";
import { check, signIn } from "./acts/sessions.ts";
import type { Held, World } from "./world.ts";

/** How often each thing is done. */
const times = { ends: 16, bursts: 6, revoked: 16 };

/**
 * What chance would take its time to do: sign-outs while slow requests are under way, refreshes at once, and revocations
 * before a node begins anew.
 */
export async function playScript(
  world: World,
  nodes: readonly Pick<NodeProcess, "end" | "start">[],
  faults: Fault[],
): Promise<void> {
  await Promise.all(
    Array.from({ length: times.ends }, () => withSession(world, (it) => endWhileAtWork(world, it))),
  );
  await Promise.all(
    Array.from({ length: times.bursts * 2 }, () => withSession(world, (it) => refreshAtOnce(world, it))),
  );
  for (let index = 0; index < times.revoked; index++)
    await withSession(world, async (held) => {
      for (const [node] of world.nodes.entries()) await check(world, held.person, held.now, node);
      await endSession(world, held);
    });
  faults.push(await restart(nodes, nodes.length - 1));
}

async function restart(nodes: readonly Pick<NodeProcess, "end" | "start">[], node: number): Promise<Fault> {
  const start = performance.now();
  await nodes[node]?.end();
  await nodes[node]?.start();
  const end = performance.now();
  return { name: "node ended and started again, by the script", node, start, end, recovered: end };
}

async function withSession(world: World, work: (held: Held) => Promise<void>): Promise<void> {
  const person = world.random.pick(world.people.filter(({ busy, password }) => !busy && password !== null));
  const held = person && (await signIn(world, person));
  if (held !== undefined) await work(held);
}
