import { parseArgs } from "node:util";
import { type LoadName, loadNames } from "../load/weights.ts";
import {
  type BuildName,
  buildNames,
  type StoreName,
  type SubjectName,
  storeNames,
  subjectNames,
} from "../node/settings.ts";

export const usage = `npm run chaos -- [options]

Runs several nodes over one store, loads them, breaks what they run on, and holds every answer against the promises.
Exit code 1: a promise was broken.

  --store postgres|redis|sqlite  default: postgres, then redis
  --seconds N                    how long each run lasts (60)
  --seed N                       which things are done and broken, in which order (random, and printed)
  --nodes N                      processes (3)
  --rate N                       acts a second (200)
  --load mixed|races             everything, or mostly what happens at the same moment as something else (mixed)
  --script                       first what chance would take its time to do, the same each time
  --faults TEXT                  only faults with this text in their name, as the report shows it
  --no-faults                    load only
  --build healthy|no-cas|pubsub-only
                                 a store that is broken on purpose: the run must fail
  --subject latchkey|express-session
                                 what is tried (latchkey)
  --revocations N                instead: how long N revocations take to be known on the slowest of three nodes
  --at-once N                    of those, so many are under way at the same time (4)
  --confirm                      instead: receipts with all nodes well, one stopped, one killed
  --cut SECONDS                  instead: one node is cut off from the store for so long
  --appenders N                  instead: eight processes append N changes, three follow (stores: all three)
  --history                      keep history and logs also if nothing was found
  --help
`;

/** The command line, read. */
export interface Arguments {
  readonly stores: readonly StoreName[];
  readonly subject: SubjectName;
  readonly build: BuildName;
  readonly seconds: number;
  readonly seed: number;
  readonly nodes: number;
  readonly rate: number;
  readonly load: LoadName;
  /** Part of their names; null: none. */
  readonly faults: string | null;
  readonly script: boolean;
  readonly history: boolean;
  /** A measurement in the place of a run. */
  readonly measure: Measurement | undefined;
}

export type Measurement =
  | { readonly what: "revocations"; readonly amount: number; readonly atOnce: number }
  | { readonly what: "cut" | "appenders"; readonly amount: number }
  | { readonly what: "confirm" };

/** @throws Error that names the option at fault */
export function readArguments(args: readonly string[]): Arguments | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      store: { type: "string" },
      seconds: { type: "string", default: "60" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 1e9)) },
      nodes: { type: "string", default: "3" },
      rate: { type: "string", default: "200" },
      build: { type: "string", default: "healthy" },
      subject: { type: "string", default: "latchkey" },
      script: { type: "boolean", default: false },
      history: { type: "boolean", default: false },
      load: { type: "string", default: "mixed" },
      faults: { type: "string", default: "" },
      "no-faults": { type: "boolean", default: false },
      revocations: { type: "string" },
      "at-once": { type: "string", default: "4" },
      confirm: { type: "boolean", default: false },
      cut: { type: "string" },
      appenders: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const subject = oneOf("subject", subjectNames, values.subject);
  const measure = measurement(values);
  const ofSubject: readonly StoreName[] = subject === "latchkey" ? ["postgres", "redis"] : ["redis"];
  const usual = measure?.what === "appenders" ? storeNames : ofSubject;
  return {
    stores: values.store === undefined ? usual : [oneOf("store", storeNames, values.store)],
    subject,
    build: oneOf("build", buildNames, values.build),
    seconds: number("seconds", values.seconds, 0),
    seed: number("seed", values.seed, 0),
    nodes: number("nodes", values.nodes, 1),
    rate: number("rate", values.rate, 1),
    load: oneOf("load", loadNames, values.load),
    faults: values["no-faults"] ? null : values.faults,
    script: values.script,
    history: values.history,
    measure,
  };
}

function measurement(values: {
  readonly revocations?: string;
  readonly "at-once": string;
  readonly cut?: string;
  readonly appenders?: string;
  readonly confirm: boolean;
}): Measurement | undefined {
  if (values.revocations !== undefined) {
    const atOnce = number("at-once", values["at-once"], 1);
    return { what: "revocations", amount: number("revocations", values.revocations, 1), atOnce };
  }
  for (const what of ["cut", "appenders"] as const) {
    const given = values[what];
    if (given !== undefined) return { what, amount: number(what, given, 1) };
  }
  return values.confirm ? { what: "confirm" } : undefined;
}

function oneOf<Name extends string>(option: string, names: readonly Name[], given: string): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new Error(`--${option} is one of ${names.join(", ")}`);
  return found;
}

function number(option: string, given: string, least: number): number {
  const value = Number(given);
  if (!Number.isFinite(value) || value < least) throw new Error(`--${option} is a number from ${least} on`);
  return value;
}
