// @ts-check
// `npm test`: everything that must hold before a change is done. `npm test -- unit rooms` runs only those steps.
import { build } from "./build.js";
import { checkPackages } from "./packages.js";
import { isPlain, run, runTool, secondsSince, stop } from "./process.js";
import { ensurePrograms } from "./programs.js";
import { setup } from "./setup.js";
import { runTests } from "./vitest.js";

/** The checks that need no test runner, in the order in which they run. Each returns an exit code. */
const checks = {
  // biome ci does not listen to NO_COLOR.
  lint: () => runTool("biome", ["ci", "--error-on-warnings", ...(isPlain ? ["--colors=off"] : []), "."]),
  types: () => runTool("tsc", ["-b"]),
  rooms: () => run(process.execPath, ["tools/rooms.js"]),
  knip: () => runTool("knip", []),
  package: checkPackages,
};

/** The projects of vitest.config.ts, each with the external programs that its tests drive. */
const projects = { unit: [], integration: ["postgres", "redis"], browser: ["chromium"] };

/** The checks that read sources only. They still run when the sources do not compile. */
const needNoBuild = ["lint", "types", "rooms", "knip"];

const steps = [...Object.keys(checks), ...Object.keys(projects)];

function main() {
  const chosen = chosenSteps(process.argv.slice(2));
  setup();
  const chosenProjects = Object.entries(projects).filter(([name]) => chosen.includes(name));
  const paths = ensurePrograms(chosenProjects.flatMap(([, programs]) => programs));
  if (chosen.some((step) => !needNoBuild.includes(step)))
    build(chosen.includes("integration") ? ["chaos"] : []);
  for (const [name, check] of Object.entries(checks)) {
    if (chosen.includes(name)) runCheck(name, check);
  }
  if (chosenProjects.length === 0) return;
  const names = chosenProjects.map(([name]) => name);
  console.log(`\n== ${names.join(", ")}`);
  process.exitCode = runTests(names, paths);
}

/**
 * @param {string[]} args
 * @returns {string[]} the steps that they name; all steps if they name none
 */
function chosenSteps(args) {
  const unknown = args.find((arg) => !steps.includes(arg));
  if (unknown !== undefined) stop(`There is no step "${unknown}"; the steps are ${steps.join(", ")}.`);
  return args.length === 0 ? steps : args;
}

/**
 * @param {string} name
 * @param {() => number} check
 */
function runCheck(name, check) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  const code = check();
  if (code !== 0) stop(`\n${name} failed after ${secondsSince(started)}.`, code);
  console.log(`${name} passed in ${secondsSince(started)}.`);
}

main();
