import { check, get, refresh } from "./acts/sessions.ts";
import type { World } from "./world.ts";

/** So many at a time. */
const atOnce = 20;
/** Most ended credentials that are tried on each node. */
const most = 400;

/** When all is quiet again: whoever is in is in on every node, and whoever is out is out. */
export async function sweep(world: World): Promise<void> {
  const nodes = world.nodes.map((_, node) => node);
  const live = [...world.live];
  await forAll(live, async (held) => {
    const expires = held.now.presented.expires ?? Number.POSITIVE_INFINITY;
    if (expires - 2000 < performance.now()) await refresh(world, held);
    for (const node of nodes) await check(world, held.person, held.now, node);
    await get(world, held);
    await refresh(world, held);
  });
  const ended = world.ended.slice(-most);
  await forAll(ended, async ({ person, credential }) => {
    for (const node of nodes) await check(world, person, credential, node);
  });
}

async function forAll<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const worker = async (): Promise<void> => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
