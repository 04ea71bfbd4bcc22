// `npm run chaos`: breaks what Latchkey runs on, and holds what it answered against what it promises.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hangUp } from "./load/http.ts";
import type { StoreName } from "./node/settings.ts";
import { readArguments, usage } from "./run/arguments.ts";
import { runChaos } from "./run/chaos.ts";
import { reportOn } from "./run/report.ts";

async function main(): Promise<number> {
  const options = readArguments(process.argv.slice(2));
  if (options === "help") {
    process.stdout.write(usage);
    return 0;
  }
  const abort = new AbortController();
  process.once("SIGINT", () => {
    say("Stopping ...");
    abort.abort();
  });
  const folder = mkdtempSync(join(tmpdir(), "latchkey-chaos-"));
  let found = 0;
  for (const store of options.stores) {
    if (!abort.signal.aborted) found += await once(store);
  }
  if (found === 0 && options.history === undefined) rmSync(folder, { recursive: true, force: true });
  else say(`History and logs of the nodes are in ${folder}`);
  hangUp();
  return found === 0 ? 0 : 1;

  async function once(store: StoreName): Promise<number> {
    if (typeof options === "string") return 0;
    const { subject, build, seconds, seed, nodes, rate, withFaults } = options;
    say(`${subject} (${build}) over ${store}: ${nodes} nodes, ${seconds} s, --seed ${seed}`);
    const all = { subject, build, seconds, seed, nodes, rate, withFaults };
    const run = await runChaos({ ...all, store, folder, tell: say, signal: abort.signal });
    const { text, violations } = reportOn(run);
    say(`\n${text}\n`);
    say(
      `${store}: ${violations.length} violations in ${run.history.operations.length} operations (--seed ${seed})\n`,
    );
    if (violations.length > 0 || options.history !== undefined)
      writeFileSync(join(folder, `${store}.json`), JSON.stringify({ ...run.history, violations }));
    return violations.length;
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

// Connections that were broken on purpose may still hang about; the processes have ended.
process.exit(await main());
