import type { Clock } from "../../../lib/clock.ts";
import type { Line } from "../link/line.ts";
import type { Link, Patience } from "../link/link.ts";
import type { Script } from "../lua/piece.ts";
import { type AnswerOptions, type Answers, makeAnswers } from "./answer.ts";
import { evaluate, framed } from "./evaluate.ts";
import { isElsewhere, lateAt, toFault } from "./fault.ts";
import { encodeInput, type Kind, type Run } from "./run.ts";

/** What a runner needs. */
export interface RunnerOptions extends AnswerOptions {
  /** Which connection is for what: checks are not held up by steps, nor the reader of the log by either. */
  readonly links: { readonly checks: Link; readonly steps: Link; readonly follower: Link };
  /** The key of what the store has one of. */
  readonly key: string;
  /** Of the database found at start. */
  readonly lineage: () => string;
  /** Instead of the server's: for tests. */
  readonly clock: Clock | undefined;
  readonly auditEntries: number | undefined;
}

/**
 * In ms: how long after it was sent the server may begin, and how long we wait for its answer. Whoever calls us gives up
 * after 200 and 2000 (P32).
 */
const times = { check: { wait: 180 }, step: { begin: 1700, wait: 1800 }, revoke: { begin: 950, wait: 1000 } };
/** Of a revocation that has to be confirmed, all together. */
const confirmedBy = 1850;

/** Runs scripts on the links, each with what every script is told; and says what they have told. */
export interface Runner extends Pick<Answers, "listen"> {
  readonly run: Run;
}

export function makeRunner({ links, key, confirm, ...told }: RunnerOptions): Runner {
  const { listen, take } = makeAnswers({ confirm });

  async function attempt(on: Line, script: Script, kind: Kind, input: string): Promise<string> {
    const { begin } = limitsOf(kind);
    const sentAt = performance.now();
    const deadline = begin === undefined ? undefined : on.clock.at(sentAt + begin);
    const { auditEntries, clock, lineage } = told;
    const known = { lineage: lineage(), fence: on.fence, now: clock?.(), auditEntries };
    const args = framed({ ...known, deadline, input });
    try {
      return await evaluate(on.connection, script, [key], args, begin === undefined);
    } catch (error) {
      const time = lateAt(error);
      if (time !== undefined) on.clock.observe(time, sentAt);
      throw error;
    }
  }

  async function runOn(link: Link, script: Script, kind: Kind, input: string): Promise<string> {
    const { begin, wait } = limitsOf(kind);
    const patience: Patience = { limit: wait, lingers: begin !== undefined };
    const work = (): Promise<string> => link.run(patience, (on) => attempt(on, script, kind, input));
    try {
      // Late once may mean that the clocks have moved apart: nothing was done, and now we know.
      return await work().catch((error) => (lateAt(error) === undefined ? Promise.reject(error) : work()));
    } catch (error) {
      if (isElsewhere(error)) link.lose(error);
      throw toFault(error);
    }
  }

  function limitsOf(kind: Kind): { begin?: number; wait: number } {
    if (kind === "check") return times.check;
    if (kind === "read") return { wait: times.step.wait };
    return kind === "revoke" && confirm.needed() ? times.revoke : times.step;
  }

  async function run<Answer>(kind: Kind, script: Script, input: object): Promise<Answer> {
    const started = performance.now();
    const link = kind === "check" ? links.checks : kind === "follow" ? links.follower : links.steps;
    const text = await runOn(link, script, kind, encodeInput(input));
    return take(kind, text, started + confirmedBy);
  }

  return { run, listen };
}
