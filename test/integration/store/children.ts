import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const ownScript = fileURLToPath(new URL("child.mjs", import.meta.url));
const postgresScript = fileURLToPath(new URL("postgres-child.mjs", import.meta.url));

/** Another process on the same data, in one of the roles of its script. */
export interface Child {
  readonly process: ChildProcess;
  /** The next message that it sends; what it sent before is not lost. */
  heard(): Promise<unknown>;
  tell(message: unknown): void;
  /** Ends it without a chance to tidy up. */
  kill(): Promise<void>;
}

interface Listener {
  readonly resolve: (message: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** With `diskBlocks` its files may not grow beyond as many blocks of 512 bytes: the disk is full for it alone. */
export function startChild(role: string, file: string, diskBlocks?: number, script = ownScript): Child {
  const command = [process.execPath, script, role, file];
  const limited = ["sh", "-c", `ulimit -f ${diskBlocks}; exec "$@"`, "sh", ...command];
  const [program = "", ...args] = diskBlocks === undefined ? command : limited;
  return makeChild(program, args);
}

/** Another process on the same Postgres database. */
export function startPostgresChild(role: string, url: string): Child {
  return makeChild(process.execPath, [postgresScript, role, url]);
}

function makeChild(program: string, args: readonly string[]): Child {
  const child = spawn(program, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const messages: unknown[] = [];
  const waiting: Listener[] = [];
  child.on("message", (message) => {
    const next = waiting.shift();
    if (next === undefined) messages.push(message);
    else next.resolve(message);
  });
  child.on("exit", (code, signal) => {
    for (const next of waiting) next.reject(new Error(`the process ended: ${code ?? signal}`));
  });
  const heard = (): Promise<unknown> =>
    messages.length > 0
      ? Promise.resolve(messages.shift())
      : new Promise((resolve, reject) => waiting.push({ resolve, reject }));
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGKILL");
    await exit;
  };
  return { process: child, heard, tell: (message) => child.send(message as object), kill };
}
