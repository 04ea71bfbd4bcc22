// @ts-check
// `npm run chaos`: breaks what Latchkey runs on, and holds what it answered against what it promises.
import { spawn } from "node:child_process";
import { build } from "./build.js";
import { root } from "./process.js";
import { ensurePrograms } from "./programs.js";
import { setup } from "./setup.js";

const args = process.argv.slice(2);
const stores = ["postgres", "redis"];
const named = args[args.indexOf("--store") + 1] ?? "";
const isNamed = args.includes("--store");

setup();
build(["chaos"]);
const needed = args.includes("--help") ? [] : stores.filter((store) => !isNamed || store === named);
const env = { ...process.env, ...ensurePrograms(needed) };
// Not a synchronous call: Ctrl-C is for the harness, which tidies up first and then ends us.
const child = spawn(process.execPath, ["chaos/dist/chaos/src/cli.js", ...args], {
  cwd: root,
  env,
  stdio: "inherit",
});
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGINT"));
child.on("exit", (code) => process.exit(code ?? 1));
