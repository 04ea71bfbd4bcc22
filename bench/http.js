// @ts-check
// `npm run bench:http`: requests a second of a protected route, the server on one core and the load on the other, beside
// the same framework bare and with a look-up by hand.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { load, startServer } from "./http/load.js";
import { budgetTable, isQuick, machine, number, publish, table } from "./lib/report.js";
import { median, ratio } from "./lib/rounds.js";
import { startRedis } from "./lib/servers.js";

const size = isQuick ? { rounds: 2, seconds: 1 } : { rounds: 5, seconds: 3 };
const million = isQuick ? 100_000 : 1_000_000;
/** `--only=node` leaves the others out. */
const only = process.argv.find((argument) => argument.startsWith("--only="))?.slice("--only=".length);
const frameworks = ["node", "hono", "fastify", "koa", "express"].filter(
  (it) => only === undefined || it === only,
);
const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));

/** @typedef {{ framework: string, name: string, guard: string, sends: string, revocations?: number }} Variant */

/** For each framework: bare and by hand with the very headers of each strategy, then the strategies. @type {Variant[]} */
const ours = ["node", "hono", "fastify"].flatMap((framework) =>
  ["jwt-live", "session-live"].flatMap((strategy) => [
    { framework, name: `bare, header of ${strategy}`, guard: "bare", sends: strategy },
    {
      framework,
      name: `Map by hand, ${strategy}`,
      guard: `map-${strategy.split("-")[0]}`,
      sends: `map-${strategy.split("-")[0]}`,
    },
    { framework, name: strategy, guard: strategy, sends: strategy },
    {
      framework,
      name: `${strategy}, revocations held`,
      guard: strategy,
      sends: `${strategy}*`,
      revocations: million,
    },
  ]),
);

/** @type {Variant[]} */
const others = [
  ...[
    "jose",
    "hono/jwt",
    "iron-session",
    "better-auth, SQLite",
    "better-auth, cookie cache",
    "better-auth, Redis",
  ].map((guard) => ({ framework: "hono", guard })),
  ...["@fastify/jwt", "@fastify/jwt, cache", "@fastify/session, Redis"].map((guard) => ({
    framework: "fastify",
    guard,
  })),
  ...["bare", "koa-jwt", "koa-jwt, Redis look-up"].map((guard) => ({ framework: "koa", guard })),
  ...["bare", "express-session, Redis"].map((guard) => ({ framework: "express", guard })),
].map((it) => ({ ...it, name: it.guard, sends: it.guard }));

/**
 * The servers of one framework: one bare, whoever it is asked by, and one for each of the others.
 *
 * @param {readonly Variant[]} variants @param {string} redisUrl
 */
async function startAll(variants, redisUrl) {
  /** @type {Map<string, import("./http/load.js").Running>} */
  const servers = new Map();
  for (const variant of variants) {
    const env = { BENCH_REDIS: redisUrl, BENCH_REVOCATIONS: `${variant.revocations ?? 0}` };
    const key = keyOf(variant);
    if (!servers.has(key)) servers.set(key, await startServer(variant.framework, variant.guard, env));
  }
  return servers;
}

/** @param {Variant} variant */
function keyOf({ guard, sends }) {
  return guard === "bare" ? "bare" : sends;
}

/** Of one framework, interleaved. @param {readonly Variant[]} variants @param {string} redisUrl */
async function measureAll(variants, redisUrl) {
  const servers = await startAll(variants, redisUrl);
  const once = (/** @type {Variant} */ variant, /** @type {number} */ seconds) => {
    const server = servers.get(keyOf(variant));
    const headers = servers.get(variant.sends)?.headers ?? [];
    if (server === undefined) throw new Error(`no server for ${variant.name}`);
    return load(server, headers.length === 0 ? [{ accept: "*/*" }] : headers, { seconds, folder });
  };
  /** @type {Results} */
  const results = new Map(variants.map(({ name }) => [name, []]));
  for (const variant of variants) await warmUp(() => once(variant, 1));
  for (let round = 0; round < size.rounds; round++) {
    console.log(`${variants[0]?.framework}: round ${round + 1} of ${size.rounds}`);
    for (const variant of round % 2 === 0 ? variants : [...variants].reverse())
      results.get(variant.name)?.push(await once(variant, size.seconds));
  }
  for (const server of servers.values()) server.stop();
  return results;
}

/** Until everything has been compiled, however slow the machine is. @param {() => Promise<{ rate: number }>} load */
async function warmUp(load) {
  for (let i = 0, done = 0; i < 8 && done < 20_000; i++) done += (await load()).rate;
}

async function main() {
  const redis = await startRedis();
  const rows = [
    ["", "requests/s", "p50 ms", "p99 ms", "µs of CPU", "% of bare", "% of Map", "the same by CPU"],
  ];
  const budgets = [];
  for (const framework of frameworks) {
    const variants = [...ours, ...others].filter((it) => it.framework === framework);
    const results = await measureAll(variants, redis.url);
    for (const { name } of variants) {
      rows.push(rowOf(framework, name, results));
    }
    if (framework !== "koa" && framework !== "express") budgets.push(...budgetsOf(framework, results));
  }
  await redis.stop();
  publish(
    "http",
    `## A protected route (\`npm run bench:http\`)

${machine(["hono", "@hono/node-server", "fastify", "koa", "express", "jose", "better-auth", "@fastify/jwt", "@fastify/session", "koa-jwt", "express-session", "connect-redis", "iron-session"])}

The server is pinned to one core, wrk to the other: 64 connections, 512 people in turn, ${size.rounds} rounds of ${size.seconds} s, interleaved within a
framework; medians, per cents of the same round. "Bare" and "Map by hand" are sent the very headers that the strategy is sent.
"The same by CPU": per cent of bare and of the Map by the server's processor time a request, which other work on the machine does
not change. Revocations held: ${million.toLocaleString("en")}.

${table(rows)}

${budgetTable(budgets)}`,
  );
}

/** @typedef {Map<string, import("./http/load.js").Load[]>} Results */

/** @param {string} framework @param {string} name @param {Results} results */
function rowOf(framework, name, results) {
  const all = results.get(name) ?? [];
  const strategy = name.includes("session-live") ? "session-live" : "jwt-live";
  const bare = results.get(`bare, header of ${strategy}`) ?? results.get("bare") ?? [];
  const map = results.get(`Map by hand, ${strategy}`) ?? [];
  const isOurs = /live/.test(name);
  const percent = (/** @type {number} */ value) =>
    Number.isFinite(value) ? `${Math.round(value * 100)}` : "-";
  const byCpu = [cpuShare(all, bare), ...(isOurs ? [cpuShare(all, map)] : [])].map(percent).join(" / ");
  const rates = of(all, "rate");
  return [
    `${framework}: ${name}`,
    number(median(rates)),
    number(median(of(all, "p50"))),
    number(median(of(all, "p99"))),
    number(median(of(all, "cpu"))),
    percent(ratio(rates, of(bare, "rate"))),
    isOurs ? percent(ratio(rates, of(map, "rate"))) : "",
    byCpu,
  ];
}

/** @param {readonly import("./http/load.js").Load[]} loads @param {"rate" | "cpu" | "p50" | "p99"} name */
function of(loads, name) {
  return loads.map((it) => it[name]);
}

/** @param {readonly import("./http/load.js").Load[]} all @param {readonly import("./http/load.js").Load[]} floor */
function cpuShare(all, floor) {
  return ratio(of(floor, "cpu"), of(all, "cpu"));
}

/** @param {string} framework @param {Results} results */
function budgetsOf(framework, results) {
  return ["jwt-live", "session-live"].flatMap((strategy) => {
    const rates = of(results.get(strategy) ?? [], "rate");
    const full = of(results.get(`${strategy}, revocations held`) ?? [], "rate");
    const line = (/** @type {string} */ what, /** @type {number} */ bound, /** @type {number} */ value) => ({
      what: `${framework}, ${strategy}: ${what}`,
      wanted: `≥ ${bound} %`,
      measured: `${Math.round(value * 100)} %`,
      met: value * 100 >= bound,
    });
    return [
      line("of the Map by hand", 95, ratio(rates, of(results.get(`Map by hand, ${strategy}`) ?? [], "rate"))),
      line("of bare", 85, ratio(rates, of(results.get(`bare, header of ${strategy}`) ?? [], "rate"))),
      line("with revocations held, of without", 83, ratio(full, rates)),
    ];
  });
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true });
}
