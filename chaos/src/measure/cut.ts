import { setTimeout as sleep } from "node:timers/promises";
import { startCluster } from "../cluster/cluster.ts";
import type { Fault } from "../history/types.ts";
import { play } from "../load/play.ts";
import { makeRandom } from "../random.ts";
import { subjectOf } from "../subject/subjects.ts";
import { cutOff, reportCut } from "./cut-report.ts";
import { defaults, type Measure, type Measured } from "./stage.ts";

const rate = 120;

/** Cuts one node off from the store for so many seconds, while it is asked as ever and the others revoke. */
export async function measureCut(measure: Measure, seconds: number): Promise<Measured> {
  const settings = { ...defaults, subject: "latchkey", build: "healthy", nodes: 3 } as const;
  const cluster = await startCluster({ ...settings, ...measure });
  try {
    const subject = subjectOf("latchkey", defaults.maxStaleness);
    const faults: Fault[] = [];
    const operations = await play({
      ...measure,
      ...{
        nodes: cluster.nodes,
        subject,
        random: makeRandom(measure.seed),
        seconds: seconds + 12,
        rate,
        load: "mixed",
      },
      first: null,
      meanwhile: async () => {
        await sleep(5000);
        const wire = cluster.store.wires[cutOff];
        wire?.freeze();
        const start = performance.now();
        await sleep(seconds * 1000);
        const end = performance.now();
        wire?.thaw();
        faults.push({ name: "cut off", node: null, start, end, recovered: null });
      },
      rest: () => sleep(3000),
    });
    const history = { operations, faults, stalls: cluster.stalls };
    return reportCut(measure.store, history, {
      bound: subject.bound,
      answer: 250,
      grace: defaults.grace * 1000,
    });
  } finally {
    await cluster.stop();
  }
}
