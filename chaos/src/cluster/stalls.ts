import { type ChildProcess, spawn } from "node:child_process";
import type { Stall } from "../history/types.ts";

/** How often a watch looks at the clock, and how much later than that is a stall. Milliseconds. */
const step = 10;
const late = 20;

/** A process that does nothing but look at the clock, and says when it could not. Times since 1970, as ours. */
const witness = `
  const now = () => performance.timeOrigin + performance.now();
  let last = now();
  setInterval(() => {
    const at = now();
    if (at - last > ${step + late}) process.send([last + ${step}, at]);
    last = at;
  }, ${step});
  process.on("disconnect", () => process.exit());
`;

/** Notes when this process, or one beside it that does nothing, did not get to run. */
export function watchStalls(stalls: Stall[]): () => void {
  let last = performance.now();
  const timer = setInterval(() => {
    const at = performance.now();
    if (at - last > step + late) stalls.push({ from: last + step, to: at });
    last = at;
  }, step);
  const child: ChildProcess = spawn(process.execPath, ["-e", witness], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    detached: true,
  });
  const origin = performance.timeOrigin;
  child.on("message", (message) => {
    const [from, to] = message as [number, number];
    stalls.push({ from: from - origin, to: to - origin });
  });
  return () => {
    clearInterval(timer);
    child.kill();
  };
}
