import { mistake, StartError } from "../../start-error.ts";
import { ask, hasTerminal } from "./prompt.ts";

/** No password is longer; what is longer is another file than was meant. In bytes. */
const longest = 65_536;

/**
 * To be called before anything is opened. Without the flag, standard input is not read: in a loop it may be something
 * else.
 *
 * @throws StartError (exit code 2) if there is nowhere to get a password from
 */
export function requirePasswordSource(fromStdin: boolean): void {
  if (fromStdin || hasTerminal()) return;
  throw mistake(
    "The password",
    "missing",
    "without a terminal to ask on, pipe it in and add --password-stdin.",
  );
}

/** `--password` itself: other users of the machine see arguments, and shells keep them. */
export function refusePassword(): never {
  const remedy = "leave it out and you are asked, or pipe it in with --password-stdin.";
  throw new StartError(
    `A password does not belong on the command line, where others can read it: ${remedy}`,
    2,
  );
}

/**
 * The new password, as typed: asked for twice on a terminal, else all of standard input but its last line break.
 *
 * @throws StartError
 */
export function readPassword(): Promise<string> {
  return process.stdin.isTTY === true ? askTwice() : readPiped();
}

async function askTwice(): Promise<string> {
  const answers = await ask(["Password: ", "The same again: "], { hidden: true });
  if (answers === undefined) throw new StartError("Stopped: nothing was changed.", 1);
  const [first = "", second] = answers;
  if (first !== second) throw new StartError("The two passwords differ: nothing was changed.", 1);
  return first;
}

async function readPiped(): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of process.stdin) {
    size += chunk.length;
    if (size > longest) throw wrongInput("too long", "it takes a password and nothing else.");
    chunks.push(Buffer.from(chunk));
  }
  const password = decode(Buffer.concat(chunks)).replace(/\r?\n$/, "");
  if (password === "") throw wrongInput("empty", "pipe the password in.");
  if (/[\r\n]/.test(password)) throw wrongInput("of several lines", "it takes a password on one line.");
  return password;
}

/** Bytes that are no text would be replaced, and the password would be another one than was meant. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw wrongInput("no UTF-8 text", "pipe the password in that encoding.");
  }
}

function wrongInput(shown: string, remedy: string): StartError {
  return mistake("Standard input", shown, remedy);
}
