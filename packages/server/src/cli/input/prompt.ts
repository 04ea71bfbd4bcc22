import { createInterface } from "node:readline";
import { Writable } from "node:stream";

/** Whether somebody sits there who can be asked: questions go to standard error, since output may go to a file. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks one question after the other. Hidden answers are not echoed. undefined: whoever was asked ended it (Ctrl+C or
 * Ctrl+D). One reader for all of them: another one would lose what was typed ahead.
 */
export async function ask(
  questions: readonly string[],
  { hidden }: { readonly hidden: boolean },
): Promise<readonly string[] | undefined> {
  // Where TERM is dumb, readline takes a backspace for a character of the password. It draws nothing here anyway.
  if (hidden) delete process.env.TERM;
  // With a terminal of its own, readline does the echo; without one, the terminal itself does.
  const reader = hidden
    ? createInterface({ input: process.stdin, output: nowhere(), terminal: true, historySize: 0 })
    : createInterface({ input: process.stdin, terminal: false });
  const lines = reader[Symbol.asyncIterator]();
  const answers: string[] = [];
  try {
    for (const question of questions) {
      process.stderr.write(question);
      const { done, value } = await lines.next();
      if (hidden || done === true) process.stderr.write("\n");
      if (done === true) return undefined;
      answers.push(value);
    }
    return answers;
  } finally {
    reader.close();
  }
}

function nowhere(): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
