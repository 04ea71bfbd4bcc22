import { StartError } from "../../start-error.ts";
import { ask, hasTerminal } from "./prompt.ts";

/** The flag of commands that cannot be undone. */
export interface ConfirmFlags {
  readonly yes?: boolean;
}

/**
 * To be called before anything is opened.
 *
 * @throws StartError (exit code 2) if nobody said yes and nobody can be asked
 */
export function requireYes(command: string, { yes = false }: ConfirmFlags): void {
  if (yes || hasTerminal()) return;
  throw new StartError(`${command} cannot be undone: without a terminal to ask on it needs --yes.`, 2);
}

/**
 * Asks, unless the answer was given.
 *
 * @throws StartError (exit code 1) if the answer is no
 */
export async function confirm(question: string, { yes = false }: ConfirmFlags): Promise<void> {
  if (yes) return;
  const [answer = ""] = (await ask([`${question} [y/N] `], { hidden: false })) ?? [];
  if (!/^y(es)?$/i.test(answer.trim())) throw new StartError("Stopped: nothing was changed.", 1);
}
