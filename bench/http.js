// @ts-check
// `npm run bench:http`: requests a second of a protected route, the server on one core and the load on the other, beside
// the same framework bare and with a look-up by hand.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ask, askInTurns, startServer } from "./http/load.js";
import { takeTurns } from "./http/slices.js";
import { allVariants } from "./http/variants.js";
import { budgetTable, isQuick, machine, number, publish, table } from "./lib/report.js";
import { median, quantile, ratio, ratios } from "./lib/rounds.js";
import { startRedis } from "./lib/servers.js";

/** Servers differ by luck, of the compiler and of the memory: ours and their floors are started anew a few times. */
const size = isQuick ? { starts: 1, rounds: 4, cycles: 10 } : { starts: 3, rounds: 4, cycles: 12 };
const million = isQuick ? 100_000 : 1_000_000;
/** `--only=node` leaves the others out. */
const only = process.argv.find((argument) => argument.startsWith("--only="))?.slice("--only=".length);
const frameworks = ["node", "hono", "fastify", "koa", "express"].filter(
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

/** Of one framework, from its servers' start to their end. @param {readonly Variant[]} variants */
async function measureOnce(variants, /** @type {string} */ redisUrl, /** @type {Results} */ results) {
  const servers = await startAll(variants, redisUrl);
  const loads = variants.map(({ name, headersOf = name }) => {
    const server = servers.get(name);
    if (server === undefined) throw new Error(`no server for ${name}`);
    const headers = servers.get(headersOf)?.headers ?? [];
    return { server, headers: headers.length === 0 ? [{ accept: "*/*" }] : headers, folder };
  });
  for (const [i, load] of loads.entries()) {
    const said = await warmUp(load);
    results.get(variants[i]?.name ?? "")?.p50.push(said.p50);
    results.get(variants[i]?.name ?? "")?.p99.push(said.p99);
  }
  for (let round = 0; round < size.rounds; round++) {
    const asked = await askInTurns(loads, 60 + 2 * size.cycles);
    for (const [i, { rate, cpu }] of (await takeTurns(asked, size.cycles)).entries()) {
      results.get(variants[i]?.name ?? "")?.rate.push(rate);
      results.get(variants[i]?.name ?? "")?.cpu.push(cpu);
    }
  }
  for (const server of servers.values()) server.stop();
}

/** Until everything has been compiled, however slow the machine is. @param {import("./http/load.js").Load} load */
async function warmUp(load) {
  let said = await ask(load, 1);
  for (let i = 0, done = said.done; i < 8 && done < 30_000; i++, done += said.done) said = await ask(load, 1);
  return said;
}

/** @param {string} framework @param {string} redisUrl */
async function measureAll(framework, redisUrl) {
  const variants = allVariants(million).filter((it) => it.framework === framework);
  /** @type {Results} */
  const results = new Map(variants.map(({ name }) => [name, { rate: [], cpu: [], p50: [], p99: [] }]));
  for (let start = 0; start < size.starts; start++) {
    const compared = start === 0 ? variants : variants.filter(({ isPeer }) => !isPeer);
    if (compared.length === 0) continue;
    console.log(`${framework}: ${compared.length} servers, start ${start + 1} of ${size.starts}`);
    await measureOnce(compared, redisUrl, results);
  }
  return results;
}

async function main() {
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
    const results = await measureAll(framework, redis.url);
    for (const name of results.keys()) rows.push(rowOf(framework, name, results));
    if (framework !== "koa" && framework !== "express") budgets.push(...budgetsOf(framework, results));
  }
  await redis.stop();
  publish(
    "http",
    `## A protected route (\`npm run bench:http\`)

${machine(["hono", "@hono/node-server", "fastify", "koa", "express", "jose", "better-auth", "@fastify/jwt", "@fastify/session", "koa-jwt", "express-session", "connect-redis", "iron-session"])}

The servers are pinned to one core, wrk to the other: 64 connections for each, 512 people in turn. All servers of a framework are
under load, and each goes on for 100 ms while the others are halted, in an order that is drawn each time: what else
happens on the machine happens to all. ${size.rounds} rounds of ${size.cycles} turns each; then all but the other libraries are started anew, ${size.starts} times in all.
Medians of the rounds, per cents within a round, and between which per cents half of the rounds were. p50 and p99 are of a
server asked alone. "Bare", "header read" (which looks nothing up) and "Map" are sent the very headers that the
strategy is sent, and answer the same. "The same by CPU": per cent of bare and of the Map (of Hono's \`withAuth\` that in the handler) by the server's processor time a request.
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

/** What stands beside a variant of ours. @param {string} name @param {Results} results */
function floorsOf(name, results) {
  const strategy = name.includes("session-live") ? "session-live" : "jwt-live";
  const bare = results.get(`bare, header of ${strategy}`) ?? results.get("bare") ?? nothing;
  const where = /withAuth|in the handler/.test(name) ? "Map in the handler" : "Map by hand";
  return { bare, map: results.get(`${where}, ${strategy}`) ?? nothing };
}

/** @param {string} framework @param {string} name @param {Results} results */
function rowOf(framework, name, results) {
  const all = results.get(name) ?? nothing;
  const { bare, map } = floorsOf(name, results);
  const isOurs = /live/.test(name);
  return [
    `${framework}: ${name}`,
    number(median(all.rate)),
    // Once in a while wrk says none.
    number(median(all.p50.filter(Number.isFinite))),
    number(median(all.p99.filter(Number.isFinite))),
    number(median(all.cpu)),
    ...shares(all.rate, bare.rate),
    ...(isOurs ? shares(all.rate, map.rate) : ["", ""]),
    [ratio(bare.cpu, all.cpu), ...(isOurs ? [ratio(map.cpu, all.cpu)] : [])].map(percent).join(" / "),
  ];
}

/** @param {string} framework @param {Results} results */
function budgetsOf(framework, results) {
  const strategies = ["jwt-live", "session-live", "jwt-live, withAuth", "session-live, withAuth"];
  return strategies.flatMap((strategy) => {
    if (!results.has(strategy)) return [];
    const { rate } = results.get(strategy) ?? nothing;
    const full = results.get(`${strategy}, revocations held`);
    const { bare, map } = floorsOf(strategy, results);
    const line = (/** @type {string} */ what, /** @type {number} */ bound, /** @type {number} */ value) => ({
      what: `${framework}, ${strategy}: ${what}`,
      wanted: `≥ ${bound} %`,
      measured: `${Math.round(value * 100)} %`,
      met: value * 100 >= bound,
    });
    return [
      line("of the Map by hand", 95, ratio(rate, map.rate)),
      line("of bare", 85, ratio(rate, bare.rate)),
      ...(full === undefined ? [] : [line("with revocations held, of without", 83, ratio(full.rate, rate))]),
    ];
  });
}

process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
await main();
