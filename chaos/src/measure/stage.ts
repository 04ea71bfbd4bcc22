import { type Cluster, type ClusterOptions, startCluster } from "../cluster/cluster.ts";
import { signUp } from "../load/acts/sessions.ts";
import { send } from "../load/http.ts";
import type { World } from "../load/world.ts";
import type { StoreName } from "../node/settings.ts";
import { makeRandom } from "../random.ts";
import { subjectOf } from "../subject/subjects.ts";

/** What every measurement is given. */
export interface Measure {
  readonly store: StoreName;
  readonly seed: number;
  readonly folder: string;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What it found: a table, and how many promises were broken. */
export interface Measured {
  readonly text: string;
  readonly violations: number;
}

/** What the nodes are set to: the defaults of the library. Seconds. */
export const defaults = { maxStaleness: 2, accessExpiresIn: 900, grace: 10 };

/** A cluster of healthy nodes with people on it, and nothing going on. */
export async function withStage(
  { store, seed, folder, signal }: Measure,
  more: Partial<ClusterOptions> & { readonly strategies: readonly string[]; readonly people: number },
  work: (world: World, cluster: Cluster) => Promise<Measured>,
): Promise<Measured> {
  const { strategies, people, ...options } = more;
  const settings = { ...defaults, subject: "latchkey", build: "healthy", nodes: 3, store, folder } as const;
  const cluster = await startCluster({ ...settings, ...options });
  try {
    const whole = subjectOf("latchkey", options.maxStaleness ?? defaults.maxStaleness);
    const world: World = {
      ...{
        nodes: cluster.nodes,
        subject: { ...whole, strategies },
        random: makeRandom(seed),
        operations: [],
      },
      ...{ people: [], live: [], ended: [], isOver: signal.aborted },
    };
    signal.addEventListener("abort", () => {
      world.isOver = true;
    });
    await whole.prepare((call) => send(cluster.nodes[0]?.url ?? "", call));
    while (world.people.length < people && !world.isOver) await signUp(world);
    return await work(world, cluster);
  } finally {
    await cluster.stop();
  }
}

/** Does it so many times, several at once. */
export async function repeat(
  times: number,
  atOnce: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < times; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
