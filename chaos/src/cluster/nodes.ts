import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Listening, NodeSettings } from "../node/settings.ts";

const program = fileURLToPath(new URL("../node/main.js", import.meta.url));

/** How long a node may take to listen, in milliseconds. */
const patience = 20_000;

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
  /** Lets it finish what it is at. */
  end(): Promise<void>;
  /** Anew, where it was. */
  start(): Promise<void>;
}

/** Starts a node; its log goes to a file. */
export async function startNode(index: number, settings: NodeSettings, log: string): Promise<NodeProcess> {
  let { child, port } = await launch(settings, log);
  return {
    index,
    url: `http://127.0.0.1:${port}`,
    starved: () => starvedOf(child.pid),
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill: () => endWith(child, "SIGKILL"),
    end: () => endWith(child, "SIGTERM"),
    start: async () => {
      ({ child, port } = await launch({ ...settings, port }, log));
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

async function launch(settings: NodeSettings, log: string): Promise<{ child: ChildProcess; port: number }> {
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
