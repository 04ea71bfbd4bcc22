// @ts-check
// Runs the suite in Node, Bun or Deno and prints the outcomes as one line of JSON.
import process from "node:process";
import { runSuite } from "./suite.js";

const { ORIGIN = "{}" } = process.env;
const outcomes = await runSuite(JSON.parse(ORIGIN));
console.log(JSON.stringify(outcomes));
process.exit(0);
