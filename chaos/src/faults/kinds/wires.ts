import type { TcpProxy } from "../../../../test/support/net/proxy.ts";
import type { FaultKind, Stage } from "../fault.ts";

const hasWires: FaultKind["possible"] = ({ wires }) => wires.length > 0;

/** What happens between a node and the store, while the node itself is reached as ever. */
export const wireFaults: readonly FaultKind[] = [
  {
    name: "C4 one node cut off, half-open",
    possible: hasWires,
    async inflict(stage) {
      const wire = anyWire(stage);
      wire.freeze();
      await stage.wait(stage.random.between(500, 6000));
      return { mend: async () => wire.thaw() };
    },
  },
  {
    name: "C4 one node cut off, refused",
    possible: hasWires,
    async inflict(stage) {
      const wire = anyWire(stage);
      await wire.accept(false);
      wire.reset();
      await stage.wait(stage.random.between(500, 6000));
      return { mend: () => wire.accept(true) };
    },
  },
  {
    name: "C4 connections of one node forgotten",
    possible: hasWires,
    async inflict(stage) {
      anyWire(stage).sever();
      await stage.wait(1500);
      return { mend: async () => undefined };
    },
  },
  {
    name: "C5 connections of all nodes reset",
    possible: hasWires,
    async inflict(stage) {
      for (let times = 0; times < 10; times++) {
        for (const wire of stage.store.wires) wire.reset();
        await stage.wait(stage.random.between(20, 200));
      }
      return { mend: async () => undefined };
    },
  },
  {
    name: "store slow for one node",
    possible: hasWires,
    async inflict(stage) {
      const wire = anyWire(stage);
      wire.delay(stage.random.between(20, 400));
      await stage.wait(stage.random.between(1000, 4000));
      return { mend: async () => wire.delay(0) };
    },
  },
];

function anyWire({ store, random }: Stage): TcpProxy {
  const wire = random.pick(store.wires);
  if (wire === undefined) throw new Error("no wires");
  return wire;
}
