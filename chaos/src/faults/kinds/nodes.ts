import type { NodeProcess } from "../../cluster/nodes.ts";
import type { FaultKind, Stage } from "../fault.ts";

/** What happens to a node's own process, or to all of them. */
export const nodeFaults: readonly FaultKind[] = [
  {
    name: "C5 node killed and started again",
    possible: () => true,
    async inflict(stage) {
      const node = anyNode(stage);
      await node.kill();
      await stage.wait(stage.random.between(200, 1500));
      return { node: node.index, mend: node.start };
    },
  },
  {
    name: "node stopped (SIGSTOP)",
    possible: () => true,
    async inflict(stage) {
      const node = anyNode(stage);
      node.freeze();
      await stage.wait(stage.random.between(500, 5000));
      return { node: node.index, mend: async () => node.thaw() };
    },
  },
  {
    name: "C11 node ended and started again",
    possible: () => true,
    async inflict(stage) {
      const node = anyNode(stage);
      await node.end();
      return { node: node.index, mend: node.start };
    },
  },
  {
    name: "C9 storm of sign-ins",
    possible: () => true,
    async inflict(stage) {
      await stage.storm();
      return { mend: async () => undefined };
    },
  },
];

function anyNode({ nodes, random }: Stage): NodeProcess {
  const node = random.pick(nodes);
  if (node === undefined) throw new Error("no nodes");
  return node;
}
