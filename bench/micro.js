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
import { bytesOf } from "./micro/allocations.js";
import { floors } from "./micro/floors.js";
import { coldCases, liveCases } from "./micro/latchkey.js";
import { jwtPeers, sessionPeers } from "./micro/peers.js";

const size = isQuick ? { rounds: 5, milliseconds: 15 } : { rounds: 15, milliseconds: 60 };
const million = isQuick ? 100_000 : 1_000_000;
const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));

async function main() {
  const redis = await startRedis();
  const client = new Redis(redis.url);
  await client.set("a", "x".repeat(300));
  const cold = await coldCases(join(folder, "bench.db"));
  const [empty, full] = [await liveCases(0), await liveCases(million)];
  const floor = floors(cold.hs256.tokens);
  const sessions = await sessionPeers(redis.url);
  const held = `${million.toLocaleString("en")} revocations held`;
  /** @type {import("./lib/rounds.js").Case[]} */
  const cases = [
    { name: "a fresh string (taken off below)", run: inTurn(cold.hs256.tokens) },
    { name: "floor: Map look-up by the token", run: floor.known },
    { name: "floor: HMAC-SHA-256", run: floor.hmac },
    { name: "floor: HS256 by hand", run: floor.hand },
    { name: "floor: HS256 by hand, as strict", run: floor.strict },
    { name: "floor: Ed25519 verify", run: floor.ed25519 },
    { name: "floor: a header of a Request", run: empty.readHeader },
    { name: "floor: Redis round trip", run: () => client.get("a") },
    { name: "Latchkey jwt-live", run: empty.jwt },
    { name: "Latchkey session-live", run: empty.session },
    { name: "Latchkey session-live, cookie", run: empty.cookie },
    { name: `Latchkey jwt-live, ${held}`, run: full.jwt },
    { name: `Latchkey session-live, ${held}`, run: full.session },
    { name: "Latchkey jwt-live, Request", run: empty.request },
    { name: "Latchkey jwt, HS256, each new", run: cold.hs256.run },
    { name: "Latchkey jwt, EdDSA, each new", run: cold.eddsa.run },
    { name: "Latchkey session, SQLite file", run: cold.session.run },
    ...(await jwtPeers(cold.hs256.tokens)),
    ...sessions.cases,
  ];
  for (const { run } of cases) await run();
  const results = await measure(cases, size);
  const bytes = /** @type {const} */ (["jwt", "session", "cookie"]).map(
    (name) => `${name} ${Math.round(bytesOf(empty[name]) - bytesOf(empty.strings[name]))}`,
  );
  report(
    cases,
    results,
    held,
    `Bytes on the heap for a warm check, its header's string taken off: ${bytes.join(", ")}.`,
  );
  client.disconnect();
  sessions.close();
  await Promise.all([empty, full, cold.hs256, cold.eddsa, cold.session].map(({ auth }) => auth.close()));
  await redis.stop();
}

/**
 * @param {readonly import("./lib/rounds.js").Case[]} cases
 * @param {Map<string, import("./lib/rounds.js").Sample[]>} results
 * @param {string} held
 * @param {string} bytes
 */
function report(cases, results, held, bytes) {
  const string = (results.get(cases[0]?.name ?? "") ?? []).map(({ cpu }) => cpu);
  const makesString = (/** @type {string} */ name) => !/Request|Redis round|Ed25519 v|a fresh/.test(name);
  const of = (/** @type {string} */ name) =>
    (results.get(name) ?? []).map(({ cpu }, round) => cpu - (makesString(name) ? (string[round] ?? 0) : 0));
  const live = of("Latchkey jwt-live");
  const rows = cases.map(({ name }) => {
    const all = of(name);
    const range = `${number(Math.min(...all))} to ${number(Math.max(...all))}`;
    const wall = median((results.get(name) ?? []).map((it) => it.wall));
    return [name, number(median(all)), range, number(wall), number(ratio(all, live))];
  });
  const times = (/** @type {string} */ a, /** @type {string} */ b) => ratio(of(a), of(b));
  const at = (/** @type {number} */ value) => `${number(value)} ×`;
  const us = (/** @type {string} */ name) => `${number(median(of(name)))} µs`;
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
    budget(
      "cold HS256 / createHmac + parse by hand",
      "≤",
      1.3,
      times("Latchkey jwt, HS256, each new", "floor: HS256 by hand"),
    ),
    budget(
      "cold EdDSA / bare verify",
      "≤",
      1.15,
      times("Latchkey jwt, EdDSA, each new", "floor: Ed25519 verify"),
    ),
    budget(`jwt-live, ${held} / none`, "≤", 1.2, times(`Latchkey jwt-live, ${held}`, "Latchkey jwt-live")),
    budget(
      `session-live, ${held} / none`,
      "≤",
      1.2,
      times(`Latchkey session-live, ${held}`, "Latchkey session-live"),
    ),
  ];
  const strict = times("Latchkey jwt, HS256, each new", "floor: HS256 by hand, as strict");
  const text = `## One check (\`npm run bench\`)

${machine(["jsonwebtoken", "jose", "fast-jwt", "hono", "better-auth", "kysely", "libsql", "express-session", "connect-redis", "redis", "ioredis", "iron-session"])}

${size.rounds} rounds of ${size.milliseconds} ms each, interleaved; medians, with the range of the rounds. The process is pinned to one core, and
what counts is processor time of all its threads: what a check takes from a server that is busy. Each token is a new string each
time, as those of headers are; making it is measured too and taken off. 512 people in turn.

${table([["", "µs of CPU", "range", "µs by the clock", "× jwt-live"], ...rows])}

${budgetTable(budgets)}

Cold HS256 against a check by hand that is as strict about the spelling of the payload: ${at(strict)}.
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
