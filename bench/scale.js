// @ts-check
// `npm run bench:scale`: how revocation, memory and stores grow; docs/scale.md says what follows.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { budgetTable, isQuick, machine, number, publish, table } from "./lib/report.js";
import { startPostgres, startRedis } from "./lib/servers.js";
import { revocationLatency } from "./scale/latency.js";
import { rates } from "./scale/rates.js";

const size = isQuick
  ? { nodes: [1, 3], revocations: 30, entries: [10_000, 1_000_000], cached: [2_000], sessions: [500, 2_000] }
  : {
      nodes: [1, 2, 3, 4, 8],
      revocations: 300,
      entries: [10_000, 100_000, 1_000_000],
      cached: [10_000, 100_000],
      sessions: [1_000, 5_000, 20_000],
    };
const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));

/** @param {string} what @param {number} count */
function memoryOf(what, count) {
  const script = new URL("scale/memory.js", import.meta.url).pathname;
  const { stdout, status } = spawnSync(process.execPath, ["--expose-gc", script, what, `${count}`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`memory of ${what} could not be measured`);
  return JSON.parse(stdout);
}

async function main() {
  const servers = { redis: await startRedis(), postgres: await startPostgres() };
  const latencies = [];
  for (const kind of /** @type {const} */ (["redis", "postgres"]))
    for (const nodes of size.nodes)
      latencies.push({
        kind,
        ...(await revocationLatency(kind, servers[kind].url, nodes, size.revocations)),
      });
  const replica = size.entries.map((count) => ({ count, ...memoryOf("replica", count) }));
  const cache = size.cached.flatMap((count) =>
    ["session", "jwt"].map((what) => ({ what, count, ...memoryOf(what, count) })),
  );
  await Promise.all([servers.redis.stop(), servers.postgres.stop()]);
  const growth = [];
  for (const kind of ["memory", "sqlite", "postgres", "redis"]) {
    for (const sessions of size.sessions) {
      // A server of its own each: what is counted is what these people did.
      const server =
        kind === "redis" ? await startRedis() : kind === "postgres" ? await startPostgres() : undefined;
      growth.push(
        await rates(kind, server?.url ?? join(folder, `${sessions}.db`), sessions, 32, server?.pid),
      );
      await server?.stop();
    }
  }
  report(latencies, replica, cache, growth);
}

/** @param {any[]} latencies @param {any[]} replica @param {any[]} cache @param {any[]} growth */
function report(latencies, replica, cache, growth) {
  const ms = (/** @type {number} */ value) => number(value);
  const three = latencies.filter(({ nodes }) => nodes === 3);
  const largest = replica.at(-1);
  const perMillion = (largest.bytes / largest.count) * 1_000_000;
  const budgets = [
    ...three.map(({ kind, p99, most }) => ({
      what: `revocation to refusal, 3 processes, ${kind}`,
      wanted: "p99 ≤ 25 ms, p100 ≤ 250 ms",
      measured: `${ms(p99)} and ${ms(most)} ms`,
      met: p99 <= 25 && most <= 250,
    })),
    {
      what: "replica with 1 M revoked sessions",
      wanted: "≤ 64 MB",
      measured: `${number(perMillion / 1e6)} MB`,
      met: perMillion <= 64e6,
    },
  ];
  publish(
    "scale",
    `## Growth (\`npm run bench:scale\`)

${machine(["ioredis", "pg"])} Redis with an append-only file, Postgres without fsync; both on the same machine.

Revocation, from the call until a process refuses, ${size.revocations} times, all processes on the same cores (ms):

${table([["store", "processes", "p50", "p99", "most", "answered (p50)"], ...latencies.map((it) => [it.kind, `${it.nodes}`, ms(it.p50), ms(it.p99), ms(it.most), ms(it.answered)])])}

Memory of a process, beyond what it takes empty:

${table([["", "entries", "MB", "bytes each"], ...replica.map((it) => ["replica: revoked sessions", it.count.toLocaleString("en"), number(it.bytes / 1e6), number(it.bytes / it.count)]), ...cache.map((it) => [`cache: ${it.what === "jwt" ? "jwt-live" : "session-live"} credentials`, it.count.toLocaleString("en"), number(it.bytes / 1e6), number(it.bytes / it.count)])])}

Sign-ins and refreshes a second, 32 in flight, one process (without password hashing); bytes a session; what the server was asked
for one (Redis: scripts, and commands within them; Postgres: transactions, and scans of tables and indexes); and processor
time, of the server for a sign-in and for a refresh, of our process for a refresh:

${table([["store", "sessions", "sign-ins/s", "refreshes/s", "bytes a session", "a sign-in", "a refresh", "µs of the server", "µs of the process"], ...growth.map((it) => [it.kind, it.sessions.toLocaleString("en"), number(it.signIns), number(it.refreshes), number(it.bytes), asked(it.signInTrips, it.signInCommands), asked(it.refreshTrips, it.refreshCommands), `${number(it.signInCpu)} / ${number(it.refreshCpu)}`, number(it.ownCpu)])])}

${budgetTable(budgets)}`,
  );
}

/** @param {number} trips @param {number} commands */
function asked(trips, commands) {
  return Number.isFinite(trips) ? `${trips.toFixed(1)}, ${commands.toFixed(1)}` : "-";
}

try {
  await main();
} finally {
  rmSync(folder, { recursive: true });
}
