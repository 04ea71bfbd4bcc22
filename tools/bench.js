// @ts-check
// `npm run bench`, `bench:http`, `bench:scale`: what Latchkey costs, beside floors and other libraries. `--quick`: in a
// fraction of the time; then the report is written only with `--write`.
import { build } from "./build.js";
import { run, stop } from "./process.js";
import { ensurePrograms } from "./programs.js";
import { setup } from "./setup.js";

/** What each drives, and on how many cores it runs. */
const benches = {
  micro: { programs: ["redis"], pinned: true },
  http: { programs: ["redis", "wrk"], pinned: false },
  scale: { programs: ["redis", "postgres"], pinned: false },
};

const usage = `npm run bench | bench:http | bench:scale -- [options]

What Latchkey costs, beside floors and other libraries, all in one run. The report goes to the terminal, to bench/RESULTS.md and
to bench/results.svg.

  bench        one check, pinned to one core: one to two minutes
  bench:http   a protected route, the server on one core and wrk on the other: about an hour
  bench:scale  revocations by number of processes, memory, sign-ins and refreshes a second: some minutes

  --quick      in a fraction of the time
  --only=NAME  bench:http: one framework (node, hono, fastify, koa, express, next)
  --write      write the report of a quick run, or of a part, too
  --help
`;

if (process.argv.includes("--help")) {
  process.stdout.write(usage);
  process.exit(0);
}

const [name = "micro", ...rest] = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const bench = benches[/** @type {keyof typeof benches} */ (name)];
if (bench === undefined || rest.length > 0) stop(`The benchmarks are ${Object.keys(benches).join(", ")}.`);

setup();
build();
const paths = ensurePrograms([...bench.programs, "taskset"]);
const options = process.argv.slice(2).filter((argument) => argument.startsWith("--"));
// Room for what is allocated between two collections, so that it can be counted.
const young = ["--min-semi-space-size=64", "--max-semi-space-size=64"];
const node = [process.execPath, "--expose-gc", ...young, `bench/${name}.js`, ...options];
const [command = "", ...args] = bench.pinned ? [paths.LATCHKEY_TASKSET ?? "", "-c", "0", ...node] : node;
process.exitCode = run(command, args, { ...paths, LATCHKEY_BENCH_OTHERS: "1" });
