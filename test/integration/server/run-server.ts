import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** The command as it is installed. */
const program = fileURLToPath(new URL("../../../packages/server/bin/latchkey.js", import.meta.url));

const patience = 15_000;
const listening = /^Latchkey listening on (http:\/\/\S+)$/m;

/** A run of the command. */
export interface Run {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Resolves with the exit code; `null`: a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** A run that accepts requests. */
export interface RunningServer extends Run {
  readonly url: string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the command with nothing of this process's environment but PATH. It ends with the test at the latest. */
export function run(args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd?: string): Run {
  const started = spawnProgram(args, env, cwd);
  onTestFinished(() => end(started));
  return started;
}

function spawnProgram(args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string): Run {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close").then(() => child.exitCode);
  return { child, stdout: () => stdout, stderr: () => stderr, ended };
}

/** Starts `latchkey serve` on a free port and waits until it accepts. It ends with the test at the latest. */
export async function startServer(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningServer> {
  return accepting(run(["serve", "--port", "0", ...args], env));
}

/** The same for several tests: whoever starts it ends it. */
export async function startSharedServer(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningServer> {
  return accepting(spawnProgram(["serve", "--port", "0", ...args], env));
}

async function accepting(started: Run): Promise<RunningServer> {
  const url = await Promise.race([urlOf(started), started.ended.then(() => undefined)]);
  if (url === undefined) throw new Error(`the server did not start:\n${started.stderr()}`);
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    started.child.kill(signal);
    return started.ended;
  };
  return { ...started, url, stop };
}

/** Ends a run that is still alive. */
export async function end({ child, ended }: Run): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  await ended;
}

/** A folder of its own, gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-server-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function urlOf(started: Run): Promise<string> {
  const deadline = performance.now() + patience;
  while (performance.now() < deadline) {
    const found = listening.exec(started.stdout())?.[1];
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`no listening line within ${patience} ms:\n${started.stdout()}\n${started.stderr()}`);
}
