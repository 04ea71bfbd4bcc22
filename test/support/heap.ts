import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes on the heap, without garbage. */
export function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
