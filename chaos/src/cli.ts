// `npm run chaos`: breaks what Latchkey runs on, and holds what it answered against what it promises.
import { keepJson, makeFolder, removeFolder } from "./cluster/folder.ts";
import { hangUp } from "./load/http.ts";
import { measure } from "./measure/measure.ts";
import type { Measure } from "./measure/stage.ts";
import { type Arguments, type Measurement, readArguments, usage } from "./run/arguments.ts";
import { runChaos } from "./run/chaos.ts";
import { reportOn } from "./run/report.ts";

async function main(): Promise<number> {
  const options = readOrExplain();
  if (typeof options === "number") return options;
  const abort = new AbortController();
  process.once("SIGINT", () => {
    say("Stopping ...");
    abort.abort();
  });
  const folder = makeFolder("latchkey-chaos-");
  let found = 0;
  for (const store of options.stores) {
    if (abort.signal.aborted) break;
    const how = { store, seed: options.seed, folder, tell: say, signal: abort.signal };
    const work = options.measure === undefined ? run(options, how) : take(options.measure, how);
    // Ctrl-C ends the store's server too, and what is under way then fails.
    found += await work.catch((error: unknown) => {
      if (!abort.signal.aborted) throw error;
      return 0;
    });
  }
  if (found === 0 && !options.history) removeFolder(folder);
  else say(`History and logs of the nodes are in ${folder}`);
  hangUp();
  return found === 0 ? 0 : 1;
}

/** The command line; or the exit code, if all that was wanted is an explanation, or needed. */
function readOrExplain(): Arguments | number {
  try {
    const options = readArguments(process.argv.slice(2));
    if (options !== "help") return options;
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}. See npm run chaos -- --help\n`);
    return 2;
  }
}

async function run(options: Arguments, how: Measure): Promise<number> {
  const { subject, build, seconds, seed, nodes } = options;
  say(`${subject} (${build}) over ${how.store}: ${nodes} nodes, ${seconds} s, --seed ${seed}`);
  const { history, promised } = await runChaos({ ...options, ...how });
  const { text, summary, violations } = reportOn({ history, promised });
  say(`\n${text}\n\n${how.store}: ${summary} (--seed ${seed})\n`);
  if (violations.length > 0 || options.history) keepJson(how.folder, how.store, { ...history, violations });
  return violations.length;
}

async function take(wanted: Measurement, how: Measure): Promise<number> {
  say(`${wanted.what} over ${how.store} (--seed ${how.seed})`);
  const { text, violations } = await measure(wanted, how);
  say(`\n${text}\n`);
  return violations;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Connections that were broken on purpose may still hang about; the processes have ended.
process.exit(await main());
