import { join } from "node:path";
import type { Stall } from "../history/types.ts";
import type { BuildName, NodeSettings, StoreName, SubjectName } from "../node/settings.ts";
import { type NodeProcess, startNode } from "./nodes.ts";
import { watchStalls } from "./stalls.ts";
import { startStore } from "./stores/start.ts";
import type { StoreServer } from "./stores/store.ts";

/** Several nodes over one store. */
export interface Cluster {
  readonly store: StoreServer;
  readonly nodes: readonly NodeProcess[];
  /** When the machine did not let us run, so far. */
  readonly stalls: readonly Stall[];
  stop(): Promise<void>;
}

/** What a cluster is made of. Durations are seconds. */
export interface ClusterOptions {
  readonly subject: SubjectName;
  readonly build: BuildName;
  readonly store: StoreName;
  readonly nodes: number;
  readonly maxStaleness: number;
  readonly accessExpiresIn: number;
  readonly grace: number;
  /** The store's disk is one that can be full. */
  readonly smallDisk?: boolean;
  /** Where the nodes' logs go. */
  readonly folder: string;
}

/** Starts the store, then the nodes. */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const store = await startStore(options.store, options.nodes, options.smallDisk);
  const started: NodeProcess[] = [];
  const stalls: Stall[] = [];
  const stopWatching = watchStalls(stalls);
  const stop = async (): Promise<void> => {
    stopWatching();
    await Promise.all(started.map((node) => node.kill()));
    await store.stop();
  };
  try {
    const starting = Array.from({ length: options.nodes }, async (_, index) => {
      const log = join(options.folder, `${store.name}-node-${index}.log`);
      started[index] = await startNode(index, settingsOf(options, store, index), log);
    });
    await Promise.all(starting);
  } catch (error) {
    await stop();
    throw error;
  }
  return { store, nodes: started, stalls, stop };
}

function settingsOf(options: ClusterOptions, store: StoreServer, index: number): NodeSettings {
  const { subject, build, maxStaleness, accessExpiresIn, grace } = options;
  const addresses = { address: store.addressOf(index), directAddress: store.address };
  const own = { name: `node-${index}`, port: 0, ahead: 0, store: store.name };
  return { subject, build, maxStaleness, accessExpiresIn, grace, ...addresses, ...own };
}
