import type { FaultKind } from "./fault.ts";
import { nodeFaults } from "./nodes.ts";
import { storeFaults } from "./store.ts";
import { wireFaults } from "./wires.ts";

/** All ways to break something. */
export const faultKinds: readonly FaultKind[] = [...nodeFaults, ...storeFaults, ...wireFaults];
