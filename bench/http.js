// @ts-check
// `npm run bench:http`: requests a second of a protected route, the server on one core and the load on the other, beside
// the same framework bare and with a look-up by hand.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, askInTurns, mustAnswer, startServer } from "./http/load.js";
import { buildSite } from "./http/next.js";
import { takeTurns } from "./http/slices.js";
import { allVariants } from "./http/variants.js";
import { budgetTable, isQuick, machine, number, publish, table } from "./lib/report.js";
import { median, quantile, ratio, ratios } from "./lib/rounds.js";
import { startRedis } from "./lib/servers.js";

/**
 * Servers of the same code differ by luck, of the compiler and of the memory, by more than what is to be shown, and that does
 * not change until they are started anew: many starts, and few rounds of each. `whole`: in so many of them, the first, there
 * is also what no budget is about.
 */
const size = isQuick
  ? { starts: 1, whole: 1, rounds: 4, cycles: 30 }
  : { starts: 7, whole: 2, rounds: 2, cycles: 60 };
/** What answers few requests needs more turns for as many, and longer until it is compiled. */
const slow = isQuick ? size : { starts: 3, whole: 3, rounds: 2, cycles: 120 };
/** Other libraries are so far away that one start tells it. */
const others = { starts: 1, whole: 1, rounds: 4, cycles: size.cycles };
const million = isQuick ? 100_000 : 1_000_000;
/** `--only=node` leaves the others out. */
const only = process.argv.find((argument) => argument.startsWith("--only="))?.slice("--only=".length);
const frameworks = ["node", "hono", "fastify", "koa", "express", "next"].filter(
  (it) => only === undefined || it === only,
);
const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));

/** @typedef {import("./http/variants.js").Variant} Variant */

/** A server for each: one that is asked by two would be asked by both in each one's turn. @param {readonly Variant[]} variants */
async function startAll(variants, /** @type {string} */ redisUrl) {
  /** @type {Map<string, import("./http/load.js").Running>} */
  const servers = new Map();
  for (const { framework, name, guard, revocations = 0 } of variants) {
    const env = { BENCH_REDIS: redisUrl, BENCH_REVOCATIONS: `${revocations}` };
    servers.set(name, await startServer(framework, guard, env));
  }
  return servers;
}

/** @typedef {{ rate: number[], cpu: number[], p50: number[], p99: number[] }} Measured one number a round, or a start */
/** @typedef {Map<string, Measured>} Results */

/** @param {readonly Variant[]} variants */
function sizeOf(variants) {
  if (variants.some(({ isPeer }) => isPeer)) return others;
  return variants.some(({ isSlow }) => isSlow) ? slow : size;
}

/** A strategy, without and with revocations, and what it is held against. @param {Variant} variant */
const isJudged = ({ floor, name, group, revocations = 0 }) =>
  floor !== undefined || name === group || revocations > 0;

/** Of one group, from its servers' start to their end. @param {readonly Variant[]} variants */
async function measureOnce(variants, /** @type {string} */ redisUrl, /** @type {Results} */ results) {
  const { rounds, cycles } = sizeOf(variants);
  const servers = await startAll(variants, redisUrl);
  const loads = variants.map(({ name, headersOf = name }) => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`no server for ${name}`);
    const headers = servers.get(headersOf)?.headers ?? [];
    return { server, headers: headers.length === 0 ? [{ accept: "*/*" }] : headers, folder };
  });
  for (const [i, load] of loads.entries()) {
    // Ids of ours have 22 characters; other libraries have others.
    await mustAnswer(load, variants[i]?.isPeer ? /^hello [\w-]{6,}$/ : /^hello [\w-]{22}$/);
    const said = await warmUp(load);
    results.get(variants[i]?.name ?? "")?.p50.push(said.p50);
    results.get(variants[i]?.name ?? "")?.p99.push(said.p99);
  }
  for (let round = 0; round < rounds; round++) {
    const asked = await askInTurns(loads, 60 + cycles);
    for (const [i, { rate, cpu }] of (await takeTurns(asked, cycles)).entries()) {
      results.get(variants[i]?.name ?? "")?.rate.push(rate);
      results.get(variants[i]?.name ?? "")?.cpu.push(cpu);
    }
  }
  for (const server of servers.values()) server.stop();
}

/** Until everything has been compiled, however slow the machine is. @param {import("./http/load.js").Load} load */
async function warmUp(load) {
  let said = await ask(load, 1);
  for (let i = 0, done = said.done; i < 15 && done < 30_000; i++, done += said.done)
    said = await ask(load, 1);
  return said;
}

/** @param {string} framework @param {string} redisUrl */
async function measureAll(framework, redisUrl) {
  const variants = allVariants(million).filter((it) => it.framework === framework);
  /** @type {Results} */
  const results = new Map(variants.map(({ name }) => [name, { rate: [], cpu: [], p50: [], p99: [] }]));
  for (const group of new Set(variants.map((it) => it.group))) {
    const compared = variants.filter((it) => it.group === group);
    const { starts, whole } = sizeOf(compared);
    for (let start = 1; start <= starts; start++) {
      const started = start <= whole ? compared : compared.filter(isJudged);
      console.log(`${framework}, ${group}: ${started.length} servers, start ${start} of ${starts}`);
      await measureOnce(started, redisUrl, results);
    }
  }
  return { variants, results };
}

async function main() {
  if (frameworks.includes("next")) buildSite();
  const redis = await startRedis();
  const rows = [
    [
      "",
      "requests/s",
      "p50 ms",
      "p99 ms",
      "µs of CPU",
      "% of bare",
      "half of the rounds",
      "% of Map",
      "half of the rounds",
      "the same by CPU",
    ],
  ];
  const budgets = [];
  for (const framework of frameworks) {
    const { variants, results } = await measureAll(framework, redis.url);
    for (const variant of variants) rows.push(rowOf(variant, variants, results));
    budgets.push(...variants.flatMap((variant) => budgetsOf(variant, variants, results)));
  }
  await redis.stop();
  publish(
    "http",
    `## A protected route (\`npm run bench:http\`)

${machine(["hono", "@hono/node-server", "fastify", "koa", "express", "next", "jose", "better-auth", "@fastify/jwt", "@fastify/session", "koa-jwt", "express-session", "connect-redis", "iron-session"])}

The servers are pinned to one core, wrk to the other: 64 connections for each, 512 people in turn. The servers that are compared
(those between two that are called "bare") are under load together, and each goes on for 20 ms while the others are halted,
in an order that is drawn each time: what else happens on the machine happens to all. ${size.rounds} rounds of ${size.cycles} turns each (ours in Express and Next: ${slow.cycles}); then
they are started anew, ${size.starts} times in all (${slow.starts}): servers of the same code differ by luck, of the compiler and of the memory. "Header
read" is there in the first ${size.whole} starts only, so that less is beside the rest in the others: its requests a second are no others' to compare with. The other libraries are started once, for ${others.rounds} rounds.
Medians of the rounds of all starts, per cents within a round, and between which per cents half of the rounds were. p50 and p99 are of a
server asked alone. "Bare", "header read" (which looks nothing up) and "Map" are sent the very headers that the
strategy is sent, and answer the same. "The same by CPU": per cent of bare and of the Map by the server's processor time a request.
Revocations held: ${million.toLocaleString("en")}.

${table(rows)}

${budgetTable(budgets)}`,
  );
}

const percent = (/** @type {number} */ value) =>
  Number.isFinite(value) ? `${Math.round(value * 100)}` : "-";

/** The median of what the rounds give, and between what half of them are. @param {readonly number[]} all */
function shares(all, /** @type {readonly number[]} */ floor) {
  const each = ratios(all, floor);
  const middle =
    each.length === 0 ? "-" : `${percent(quantile(each, 0.25))} to ${percent(quantile(each, 0.75))}`;
  return [percent(median(each)), middle];
}

/** @type {Measured} */
const nothing = { rate: [], cpu: [], p50: [], p99: [] };

/** What a variant is held against. @param {Variant} variant @param {readonly Variant[]} variants @param {Results} results */
function floorsOf({ group }, variants, results) {
  const at = (/** @type {"bare" | "map"} */ floor) => {
    const found = variants.find((it) => it.group === group && it.floor === floor);
    return results.get(found?.name ?? "") ?? nothing;
  };
  return { bare: at("bare"), map: at("map") };
}

/** @param {Variant} variant @param {readonly Variant[]} variants @param {Results} results */
function rowOf(variant, variants, results) {
  const { framework, name } = variant;
  const all = results.get(name) ?? nothing;
  const { bare, map } = floorsOf(variant, variants, results);
  const hasMap = map !== nothing;
  return [
    `${framework}: ${name}`,
    number(median(all.rate)),
    // Once in a while wrk says none.
    number(median(all.p50.filter(Number.isFinite))),
    number(median(all.p99.filter(Number.isFinite))),
    number(median(all.cpu)),
    ...shares(all.rate, bare.rate),
    ...(hasMap ? shares(all.rate, map.rate) : ["", ""]),
    [ratio(bare.cpu, all.cpu), ...(hasMap ? [ratio(map.cpu, all.cpu)] : [])].map(percent).join(" / "),
  ];
}

/** @param {Variant} variant @param {readonly Variant[]} variants @param {Results} results */
function budgetsOf(variant, variants, results) {
  const { framework, group, name } = variant;
  if (name !== group) return [];
  const { rate } = results.get(name) ?? nothing;
  const full = results.get(`${name}, revocations held`);
  const { bare, map } = floorsOf(variant, variants, results);
  const line = (/** @type {string} */ what, /** @type {number} */ bound, /** @type {number} */ value) => ({
    what: `${framework}, ${name}: ${what}`,
    wanted: `≥ ${bound} %`,
    measured: `${number(value * 100)} %`,
    met: value * 100 >= bound,
  });
  return [
    line("of the Map by hand", 95, ratio(rate, map.rate)),
    line("of bare", 85, ratio(rate, bare.rate)),
    ...(full === undefined ? [] : [line("with revocations held, of without", 83, ratio(full.rate, rate))]),
  ];
}

process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
await main();
