import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const patience = 20_000;
const listening = /\bon (http:\/\/\S+)$/m;

/** A program of the repository that has said where it listens. */
export interface Program {
  readonly url: string;
  readonly child: ChildProcess;
  /** What it has written so far. */
  output(): string;
  /** Resolves with its exit code; `null`: a signal ended it. */
  stop(): Promise<number | null>;
}

/**
 * Starts a script of the repository with nothing of this process's environment but PATH, and waits until it says that it
 * listens "on http://…".
 */
export async function startProgram(script: string, env: Record<string, string>): Promise<Program> {
  const child = spawn(process.execPath, [script], {
    cwd: root,
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  const ended = once(child, "close").then(() => child.exitCode);
  const url = await Promise.race([urlIn(() => output), ended.then(() => undefined)]);
  if (url === undefined) {
    child.kill("SIGKILL");
    throw new Error(`${script} did not start:\n${output}`);
  }
  return {
    url,
    child,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      const code = await ended;
      clearTimeout(timer);
      return code;
    },
  };
}

async function urlIn(output: () => string): Promise<string | undefined> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    const found = listening.exec(output())?.[1];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return undefined;
}
