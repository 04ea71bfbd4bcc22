import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Listening, NodeSettings, Told } from "../node/settings.ts";

const program = fileURLToPath(new URL("../node/main.js", import.meta.url));

/** How long a node may take to listen, in milliseconds. */
const patience = 60_000;

/** A node, in a process of its own. */
export interface NodeProcess {
  readonly index: number;
  readonly url: string;
  /** For how many milliseconds its process has waited for a processor so far; 0 where the system does not tell. */
  starved(): number;
  /** SIGSTOP and SIGCONT. */
  freeze(): void;
  thaw(): void;
  kill(): Promise<void>;
  /** Sets its wall clock so many milliseconds ahead of the machine's; it stays so when it is started anew. */
  setClock(ahead: number): void;
  /** Lets it finish what it is at. */
  end(): Promise<void>;
  /** Anew, where it was. */
  start(): Promise<void>;
}

/** Starts a node; its log goes to a file. */
export async function startNode(index: number, settings: NodeSettings, log: string): Promise<NodeProcess> {
  let { child, port } = await launch(settings, log);
  let ahead = settings.ahead;
  return {
    index,
    url: `http://127.0.0.1:${port}`,
    starved: () => starvedOf(child.pid),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill: () => endWith(child, "SIGKILL"),
    setClock: (to) => {
      ahead = to;
      // One that has ended is told when it starts.
      if (child.connected) child.send({ ahead } satisfies Told);
    },
    end: () => endWith(child, "SIGTERM"),
    start: async () => {
      ({ child, port } = await launch({ ...settings, port, ahead }, log));
    },
  };
}

/** The second number of Linux's `schedstat` is the time in the queue of the main thread, in nanoseconds. */
function starvedOf(pid: number | undefined): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}

/** How often it is tried: on a busy machine the store may not answer in time, and a node that cannot start ends. */
const attempts = 5;

/** As whatever looks after a process would: one that ends at once is started again. */
async function launch(settings: NodeSettings, log: string, left = attempts): Promise<Launched> {
  try {
    return await attempt(settings, log);
  } catch (error) {
    if (left <= 1) throw error;
    return launch(settings, log, left - 1);
  }
}

interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
}

async function attempt(settings: NodeSettings, log: string): Promise<Launched> {
  const child = spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, CHAOS_NODE: JSON.stringify(settings), CHAOS_LOG: log },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Ctrl-C is for the harness, which ends them in its own time.
    detached: true,
  });
  const limit = AbortSignal.timeout(patience);
  const [message] = await Promise.race([
    once(child, "message", { signal: limit }),
    once(child, "exit").then(([code]) => Promise.reject(new Error(`a node ended at once with ${code}`))),
  ]);
  return { child, port: (message as Listening).port };
}

async function endWith(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGCONT");
  child.kill(signal);
  const forced = setTimeout(() => child.kill("SIGKILL"), 5000);
  await exit;
  clearTimeout(forced);
}
