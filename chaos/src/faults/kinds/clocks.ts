import type { NodeProcess } from "../../cluster/nodes.ts";
import type { FaultKind, Stage } from "../fault.ts";

/** By how much a clock is set wrong, in milliseconds: two minutes, and an hour. */
const wrong = [120_000, -120_000, 3_600_000, -3_600_000];

/** A file's nodes are on one machine, and have one clock. */
const hasOwnClock: FaultKind["possible"] = ({ server }) => server !== undefined;

/** What happens to the wall clock of one node, while the store's is right. */
export const clockFaults: readonly FaultKind[] = [
  {
    name: "C8 clock of one node set wrong, and back",
    possible: hasOwnClock,
    async inflict(stage) {
      const { node, ahead } = choose(stage);
      node.setClock(ahead);
      const [learnt] = await Promise.all([stage.knowledge(), stage.tryExpired(node.index)]);
      await stage.wait(stage.random.between(500, 5000));
      const mend = async (): Promise<void> => {
        node.setClock(0);
        // The fault ends at this moment; this goes on beside what comes next.
        void stage.tryExpired(node.index);
      };
      return { clock: node.index, learnt, mend };
    },
  },
  {
    name: "C8 node started with a wrong clock",
    possible: hasOwnClock,
    async inflict(stage) {
      const { node, ahead } = choose(stage);
      await node.kill();
      node.setClock(ahead);
      await node.start();
      const [learnt] = await Promise.all([stage.knowledge(), stage.tryExpired(node.index)]);
      await stage.wait(stage.random.between(500, 3000));
      return { clock: node.index, learnt, node: node.index, mend: async () => node.setClock(0) };
    },
  },
];

function choose({ nodes, random }: Stage): { readonly node: NodeProcess; readonly ahead: number } {
  const [node, ahead] = [random.pick(nodes), random.pick(wrong)];
  if (node === undefined || ahead === undefined) throw new Error("no nodes");
  return { node, ahead };
}
