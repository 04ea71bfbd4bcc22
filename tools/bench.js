// @ts-check
// `npm run bench`: what a check costs, as ratios to floors measured in the same run.
import { build } from "./build.js";
import { run } from "./process.js";
import { setup } from "./setup.js";

setup();
build();
process.exitCode = run(process.execPath, ["bench/check.js"]);
