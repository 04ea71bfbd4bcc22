import type { FaultKind } from "../fault.ts";
import { clockFaults } from "./clocks.ts";
import { nodeFaults } from "./nodes.ts";
import { roomFaults } from "./room.ts";
import { storeFaults } from "./store.ts";
import { wireFaults } from "./wires.ts";

/** All ways to break something. */
export const faultKinds: readonly FaultKind[] = [
  ...nodeFaults,
  ...clockFaults,
  ...storeFaults,
  ...roomFaults,
  ...wireFaults,
];
