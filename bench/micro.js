// @ts-check
// `npm run bench`: what one check costs, beside floors and other libraries measured in the same rounds.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { barChart } from "./lib/chart.js";
import { budgetTable, isQuick, machine, number, publish, table, writeBeside } from "./lib/report.js";
import { measure, median, ratio } from "./lib/rounds.js";
import { startRedis } from "./lib/servers.js";
import { inTurn } from "./lib/strings.js";
import { bytesOf, bytesOfWallClock } from "./micro/allocations.js";
import { floors } from "./micro/floors.js";
import { coldCases, liveCases } from "./micro/latchkey.js";
import { jwtPeers, sessionPeers } from "./micro/peers.js";

const size = isQuick ? { rounds: 5, milliseconds: 15 } : { rounds: 15, milliseconds: 60 };
const million = isQuick ? 100_000 : 1_000_000;
const freshString = "a fresh string (taken off below)";
/** JWTs that nobody remembers are checked twice: before anything else is there, and beside it. */
const alone = ", alone";
const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));

async function main() {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  await client.set("a", "x".repeat(300));
  const cold = await coldCases(join(folder, "bench.db"));
  const floor = floors(cold.hs256.tokens);
  const string = { name: freshString, run: inTurn(cold.hs256.tokens) };
  const unknown = [
    { name: "floor: HMAC-SHA-256", run: floor.hmac },
    { name: "floor: HS256 by hand", run: floor.hand },
    { name: "floor: HS256 by hand, as strict", run: floor.strict },
    { name: "floor: Ed25519 verify", run: floor.ed25519 },
    { name: "Latchkey jwt, HS256, each new", run: cold.hs256.run },
    { name: "Latchkey jwt, EdDSA, each new", run: cold.eddsa.run },
  ];
  const first = await rounds([string, ...unknown].map(({ name, run }) => ({ name: `${name}${alone}`, run })));
  const [empty, full] = [await liveCases(0), await liveCases(million)];
  const sessions = await sessionPeers(redis.url);
  const held = `${million.toLocaleString("en")} revocations held`;
  /** @type {import("./lib/rounds.js").Case[]} */
  const cases = [
    string,
    { name: "floor: Map look-up by the token", run: floor.known },
    ...unknown,
    { name: "floor: a header of a Request", run: empty.readHeader },
    { name: "floor: Redis round trip", run: () => client.get("a") },
    { name: "Latchkey jwt-live", run: empty.jwt },
    { name: "Latchkey session-live", run: empty.session },
    { name: "Latchkey session-live, cookie", run: empty.cookie },
    { name: `Latchkey jwt-live, ${held}`, run: full.jwt },
    { name: `Latchkey session-live, ${held}`, run: full.session },
    { name: "Latchkey jwt-live, Request", run: empty.request },
    { name: "Latchkey session, SQLite file", run: cold.session.run },
    ...(await jwtPeers(cold.hs256.tokens)),
    ...sessions.cases,
  ];
  const beside = await rounds(cases);
  const bytes = /** @type {const} */ (["jwt", "session", "cookie"]).map(
    (name) => `${name} ${Math.round(bytesOf(empty[name]) - bytesOf(empty.strings[name]))}`,
  );
  report(
    new Map([...first, ...beside]),
    held,
    `Bytes on the heap for a warm check, its header's string taken off: ${bytes.join(", ")}. Date.now() alone: ${Math.round(bytesOfWallClock())}.`,
  );
  client.disconnect();
  sessions.close();
  await Promise.all([empty, full, cold.hs256, cold.eddsa, cold.session].map(({ auth }) => auth.close()));
  await redis.stop();
}

/** @typedef {{ cpu: number[], wall: number[] }} Cost of one operation by rounds, in microseconds */

/**
 * What each costs, without the string that it is given: that is the first of them.
 *
 * @param {readonly import("./lib/rounds.js").Case[]} cases
 * @returns {Promise<Map<string, Cost>>}
 */
async function rounds(cases) {
  for (const { run } of cases) await run();
  const results = await measure(cases, size);
  const [string = []] = [...results.values()].map((samples) => samples.map(({ cpu }) => cpu));
  const makesString = (/** @type {string} */ name) => !/Request|Redis round|Ed25519 v|a fresh/.test(name);
  return new Map(
    [...results].map(([name, samples]) => {
      const cpu = samples.map((it, round) => it.cpu - (makesString(name) ? (string[round] ?? 0) : 0));
      return [name, { cpu, wall: samples.map(({ wall }) => wall) }];
    }),
  );
}

/** @param {Map<string, Cost>} costs @param {string} held @param {string} bytes */
function report(costs, held, bytes) {
  const of = (/** @type {string} */ name) => costs.get(name)?.cpu ?? [];
  const live = of("Latchkey jwt-live");
  const rows = [...costs].map(([name, { cpu, wall }]) => {
    const range = `${number(Math.min(...cpu))} to ${number(Math.max(...cpu))}`;
    const share = name.endsWith(alone) ? "" : number(ratio(cpu, live));
    return [name, number(median(cpu)), range, number(median(wall)), share];
  });
  const times = (/** @type {string} */ a, /** @type {string} */ b) => ratio(of(a), of(b));
  const at = (/** @type {number} */ value) => `${number(value)} ×`;
  const us = (/** @type {string} */ name) => `${number(median(of(name)))} µs`;
  /** @type {[string, number, string, string][]} */
  const cold = [
    ["HS256 / createHmac + parse by hand", 1.3, "Latchkey jwt, HS256, each new", "floor: HS256 by hand"],
    ["EdDSA / bare verify", 1.15, "Latchkey jwt, EdDSA, each new", "floor: Ed25519 verify"],
  ];
  const strict = (/** @type {string} */ where) =>
    at(times(`Latchkey jwt, HS256, each new${where}`, `floor: HS256 by hand, as strict${where}`));
  const budgets = [
    ...["jwt-live", "session-live", "session-live, cookie"].map((name) => {
      const value = median(of(`Latchkey ${name}`));
      return { what: `warm ${name}`, wanted: "≤ 0.5 µs", measured: `${number(value)} µs`, met: value <= 0.5 };
    }),
    budget(
      "fast-jwt with its cache / jwt-live",
      "≥",
      8,
      times("fast-jwt, its cache on", "Latchkey jwt-live"),
    ),
    budget(
      "better-auth getSession, SQLite / jwt-live",
      "≥",
      1000,
      times("better-auth getSession, SQLite in memory", "Latchkey jwt-live"),
    ),
    requestBudget(of),
    ...[alone, ""].flatMap((where) =>
      cold.map(([what, bound, ours, floor]) => {
        const value = times(ours + where, floor + where);
        return budget(`cold ${what}${where || ", beside all else"}`, "≤", bound, value);
      }),
    ),
    budget(`jwt-live, ${held} / none`, "≤", 1.2, times(`Latchkey jwt-live, ${held}`, "Latchkey jwt-live")),
    budget(
      `session-live, ${held} / none`,
      "≤",
      1.2,
      times(`Latchkey session-live, ${held}`, "Latchkey session-live"),
    ),
  ];
  const text = `## One check (\`npm run bench\`)

${machine(["jsonwebtoken", "jose", "fast-jwt", "hono", "better-auth", "kysely", "libsql", "express-session", "connect-redis", "redis", "ioredis", "iron-session"])}

${size.rounds} rounds of ${size.milliseconds} ms each, interleaved (those "alone" among themselves, before the others); medians, with the range of the rounds. The process is pinned to one core, and
what counts is processor time of all its threads: what a check takes from a server that is busy. Each token is a new string each
time, as those of headers are; making it is measured too and taken off. 512 people in turn. Checks of JWTs that nobody
remembers are measured with their floors before anything else is there, and once more beside it.

${table([["", "µs of CPU", "range", "µs by the clock", "× jwt-live"], ...rows])}

${budgetTable(budgets)}

Cold HS256 against a check by hand that is as strict about the spelling of the payload: ${strict(alone)} alone, ${strict("")} beside all
else. There the same code has made thousands of results that are remembered, and V8 takes what it makes for long-lived.
${bytes}`;
  publish("micro", text);
  const shown = [
    ["Latchkey jwt-live", "Latchkey jwt-live"],
    ["Latchkey session-live", "Latchkey session-live"],
    ["fast-jwt, its cache on", "fast-jwt, cached"],
    ["fast-jwt, its cache off", "fast-jwt"],
    ["jsonwebtoken, KeyObject", "jsonwebtoken"],
    ["jose, CryptoKey", "jose"],
    ["hono/jwt, CryptoKey", "hono/jwt"],
    ["express-session, connect-redis: get", "express-session + Redis"],
    ["iron-session: unseal", "iron-session"],
    ["better-auth getSession, cookie cache", "better-auth, cookie cache"],
    ["better-auth getSession, SQLite in memory", "better-auth, SQLite"],
  ];
  const bars = shown.map(([name = "", label = ""]) => ({
    ...{ name: label, value: median(of(name)), label: us(name), ours: name.startsWith("Latchkey") },
  }));
  writeBeside("results.svg", barChart("CPU time of one check (logarithmic; shorter is better)", bars));
}

/** @param {string} what @param {"≤" | "≥"} sign @param {number} bound @param {number} value */
function budget(what, sign, bound, value) {
  const met = sign === "≤" ? value <= bound : value >= bound;
  return { what, wanted: `${sign} ${bound} ×`, measured: `${number(value)} ×`, met };
}

/** @param {(name: string) => number[]} of */
function requestBudget(of) {
  const header = of("floor: a header of a Request");
  const over = median(of("Latchkey jwt-live, Request").map((all, round) => all - (header[round] ?? 0)));
  return {
    what: "warm jwt-live from a Request, over reading the header",
    wanted: "≤ 1 µs",
    measured: `${number(over)} µs`,
    met: over <= 1,
  };
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true });
}
