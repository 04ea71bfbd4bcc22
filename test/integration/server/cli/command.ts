import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** The command as it is installed. */
const program = fileURLToPath(new URL("../../../../packages/server/bin/latchkey.js", import.meta.url));

/** What surrounds a run. */
export interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** On standard input; without it that is at its end at once. */
  readonly input?: string | Uint8Array;
}

/** What a run left behind. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing that may ever be printed: a token, a password's hash, a sealed key. */
const secrets = /\blk[sr]_[\w.-]|\$argon2|\beyJ|PRIVATE KEY/;

/** Runs the command to its end, with nothing of this process's environment but PATH. */
export async function latchkey(args: readonly string[], around: Surroundings = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, ...around.env },
    cwd: around.cwd,
    stdio: ["pipe", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  // A command that ends without reading closes its end first.
  child.stdin.on("error", () => undefined);
  child.stdin.end(around.input ?? "");
  await once(child, "close");
  if (secrets.test(stdout + stderr)) throw new Error(`a secret was printed:\n${stdout}\n${stderr}`);
  return { code: child.exitCode, stdout, stderr };
}

/** The same for a command that must succeed, with what `--json` printed. */
export async function json<Shape>(args: readonly string[], around: Surroundings = {}): Promise<Shape> {
  const { code, stdout, stderr } = await latchkey([...args, "--json"], around);
  if (code !== 0) throw new Error(`${args.join(" ")} ended with ${code}:\n${stderr}`);
  return JSON.parse(stdout) as Shape;
}

/** A user as `--json` prints one. */
export interface ShownUser {
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly roles: readonly string[];
  readonly status: string;
  readonly createdAt: string;
}

/** How a terminal is made: of programs that every Linux and macOS has. undefined: not on this system. */
function terminalOf(args: readonly string[]): readonly [string, readonly string[]] | undefined {
  const command = [process.execPath, program, ...args];
  if (process.platform === "darwin") return ["script", ["-q", "/dev/null", ...command]];
  if (process.platform !== "linux") return undefined;
  return ["script", ["-qefc", command.map((word) => `'${word}'`).join(" "), "/dev/null"]];
}

/**
 * Runs the command on a terminal of its own and types each answer when its question is on the screen. Standard output
 * and standard error share the screen. undefined: there is no `script` to make a terminal with.
 */
export async function onTerminal(
  args: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<{ readonly code: number | null; readonly screen: string } | undefined> {
  const [file, words] = terminalOf(args) ?? [];
  if (file === undefined) return undefined;
  const child = spawn(file, words ?? [], {
    env: { PATH: process.env.PATH, TERM: "dumb" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const left = [...answers];
  let screen = "";
  let seen = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    screen += text;
    const [next] = left;
    const at = next === undefined ? -1 : screen.indexOf(next[0], seen);
    if (next === undefined || at < 0) return;
    seen = at + next[0].length;
    left.shift();
    child.stdin.write(next[1]);
  });
  child.stdin.on("error", () => undefined);
  const missing = await Promise.race([once(child, "error"), once(child, "close").then(() => undefined)]);
  if (missing !== undefined) return undefined;
  return { code: child.exitCode, screen: screen.replaceAll("\r", "") };
}
