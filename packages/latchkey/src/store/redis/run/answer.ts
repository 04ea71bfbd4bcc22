import { makeTold, type Told } from "../../../lib/store/told.ts";
import type { Change } from "../../../types.ts";
import type { Confirm } from "../server/confirm/confirm.ts";
import type { Kind } from "./run.ts";

/** What takes in the answers of scripts. */
export interface Answers extends Pick<Told, "listen"> {
  /** The answer without what it says for us alone; one of a revocation once it cannot get lost, or by then (ms). */
  take<Answer>(kind: Kind, text: string, until: number): Promise<Answer>;
}

/** What a script says beside what it was asked. */
interface Aside {
  /** What it has added to the log of changes. */
  readonly told?: readonly Change[];
  /** Something, or nothing, that must not get lost; default: what it has told. */
  readonly logged?: number;
  /** When, by the store's clock; and where, by its replication id. */
  readonly at?: number;
  readonly on?: string;
}

/** What `makeAnswers` needs. */
export interface AnswerOptions {
  readonly confirm: Confirm;
}

export function makeAnswers({ confirm }: AnswerOptions): Answers {
  const { listen, tell } = makeTold();
  return {
    listen,
    async take<Answer>(kind: Kind, text: string, until: number) {
      const { told = [], logged = told.length, at = 0, on = "", ...answer }: Aside = JSON.parse(text);
      // Before anybody confirms it: whoever hears that a fail-over may undo it wants it done.
      tell(told, at);
      if (kind === "revoke") await confirm.settle(logged > 0, on, until);
      return answer as Answer;
    },
  };
}
