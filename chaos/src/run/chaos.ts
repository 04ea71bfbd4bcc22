import { type Cluster, startCluster } from "../cluster/cluster.ts";
import { breakThings, wantsSmallDisk } from "../faults/nemesis.ts";
import type { Fault, History, Promised } from "../history/types.ts";
import { pause, play } from "../load/play.ts";
import { playScript } from "../load/script.ts";
import { makeRandom } from "../random.ts";
import { subjectOf } from "../subject/subjects.ts";
import type { Arguments } from "./arguments.ts";

/** A run of load and faults. */
export interface ChaosOptions
  extends Pick<
    Arguments,
    "subject" | "build" | "seconds" | "seed" | "nodes" | "rate" | "load" | "faults" | "script"
  > {
  readonly store: Arguments["stores"][number];
  /** Where the nodes' logs go. */
  readonly folder: string;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
}

/** What the nodes are set to. Seconds. */
const nodeTimes = { maxStaleness: 1, accessExpiresIn: 20, grace: 10 };
/** Milliseconds within which a check is answered. */
const answerWithin = 250;

/** Everything that was done, and what was promised of it. */
export interface ChaosRun {
  readonly history: History;
  readonly promised: Promised;
}

/** Loads a cluster and breaks it, for as long as is wanted. Nothing of it stays. */
export async function runChaos(options: ChaosOptions): Promise<ChaosRun> {
  const smallDisk = wantsSmallDisk(options.faults);
  const cluster = await startCluster({ ...options, ...nodeTimes, smallDisk });
  try {
    return await playOn(options, cluster);
  } finally {
    await cluster.stop();
  }
}

async function playOn(options: ChaosOptions, cluster: Cluster): Promise<ChaosRun> {
  const { tell, seed } = options;
  const subject = subjectOf(options.subject, nodeTimes.maxStaleness);
  const faults: Fault[] = [];
  const operations = await play({
    ...options,
    ...{ nodes: cluster.nodes, subject, random: makeRandom(seed) },
    first: options.script ? (world) => playScript(world, cluster.nodes, faults) : null,
    meanwhile: async (world) => {
      await breakThings(world, cluster, { only: options.faults, faults, tell });
    },
    rest: () => pause(nodeTimes.maxStaleness * 1000 + 500),
  });
  const promised = { bound: subject.bound, answer: answerWithin, grace: nodeTimes.grace * 1000 };
  return { history: { operations, faults, stalls: cluster.stalls }, promised };
}
