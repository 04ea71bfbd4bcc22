import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./port.ts";

/** A real server of its own, in a temporary folder. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  readonly folder: string;
  readonly pid: () => number;
  /** Sends a command and gives the raw answer, as text. */
  command(...args: string[]): Promise<string>;
  /** SIGSTOP and SIGCONT: it keeps its connections and does not answer. */
  pause(): void;
  resume(): void;
  /** SIGKILL; the folder stays. */
  kill(): Promise<void>;
  /** On the same port and folder. */
  start(...settings: string[]): Promise<void>;
  /** Ends it and removes the folder. */
  stop(): Promise<void>;
}

/** With no persistence unless the settings say so, each as on the command line: `"--appendonly", "yes"`. */
export async function startRedis(...settings: string[]): Promise<RedisServer> {
  return launch(process.env.LATCHKEY_REDIS_SERVER || "redis-server", [
    ...["--save", "", "--appendonly", "no", "--repl-diskless-sync-delay", "0"],
    ...settings,
  ]);
}

/** The program on a free port. */
export async function launch(
  program: string,
  settings: readonly string[],
  named?: number,
): Promise<RedisServer> {
  const port = named ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "latchkey-redis-"));
  let child: ChildProcess;
  const start = async (...more: string[]): Promise<void> => {
    const args = [...settings, "--port", `${port}`, "--bind", "127.0.0.1", "--dir", folder, ...more];
    child = spawn(program, args, { stdio: "ignore" });
    await ready(port, child);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  await start();
  return {
    ...{ port, folder, start, kill },
    url: `redis://127.0.0.1:${port}`,
    pid: () => child.pid ?? 0,
    command: (...args) => send(port, args),
    pause: () => child.kill("SIGSTOP"),
    resume: () => child.kill("SIGCONT"),
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function ready(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 500; attempt++) {
    const answer = await send(port, ["PING"]).catch(() => "");
    if (answer.startsWith("+PONG")) return;
    if (child.exitCode !== null) throw new Error(`the server ended at once with ${child.exitCode}`);
    await wait(20);
  }
  throw new Error(`nothing answers on port ${port}`);
}

/** Enough of the protocol for a test: one command, on a connection of its own, and what comes back for it. */
export async function send(port: number, args: readonly string[]): Promise<string> {
  const socket = createConnection(port, "127.0.0.1");
  const parts = args.map((it) => `$${Buffer.byteLength(it)}\r\n${it}\r\n`);
  socket.end(`*${args.length}\r\n${parts.join("")}`);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
