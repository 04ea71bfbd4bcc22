import { parseArgs } from "node:util";
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
  --no-faults                    load only
  --build healthy|no-cas|pubsub-only
                                 a store that is broken on purpose: the run must fail
  --subject latchkey|express-session
                                 what is tried (latchkey)
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
  readonly withFaults: boolean;
  readonly history: true | undefined;
}

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
      history: { type: "boolean", default: false },
      "no-faults": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const subject = oneOf("subject", subjectNames, values.subject);
  const ofSubject: readonly StoreName[] = subject === "latchkey" ? ["postgres", "redis"] : ["redis"];
  return {
    stores: values.store === undefined ? ofSubject : [oneOf("store", storeNames, values.store)],
    subject,
    build: oneOf("build", buildNames, values.build),
    seconds: number("seconds", values.seconds, 1),
    seed: number("seed", values.seed, 0),
    nodes: number("nodes", values.nodes, 1),
    rate: number("rate", values.rate, 1),
    withFaults: !values["no-faults"],
    history: values.history ? true : undefined,
  };
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
