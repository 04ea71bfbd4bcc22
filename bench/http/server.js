// @ts-check
// One server of `npm run bench:http`: `node bench/http/server.js <framework> <guard>`, with what it needs as JSON in the
// environment. Says on its output where it listens and which headers its people send.

import { frameworks } from "./frameworks.js";
import { guards } from "./guards.js";

const [framework = "", guard = ""] = process.argv.slice(2);
const make = guards[guard];
const serve = frameworks[framework];
if (make === undefined || serve === undefined) throw new Error(`there is no ${framework} or no ${guard}`);
const made = await make();
const port = await serve(made);
console.log(JSON.stringify({ port, headers: made.headers, signsIn: made.signsIn === true }));
