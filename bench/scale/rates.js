// @ts-check
import { readFileSync } from "node:fs";
import { Redis } from "ioredis";
import { LatchkeyError } from "latchkey";
import pg from "pg";
import { makeAuth } from "../lib/people.js";
import { openStore } from "./stores.js";

const password = "a password of the benchmark";

/**
 * Sign-ins and refreshes a second at a number of sessions, bytes a session, and what the server was asked meanwhile.
 *
 * @param {string} kind @param {string} url @param {number} sessions @param {number} inFlight
 * @param {number | undefined} pid of the server
 */
export async function rates(kind, url, sessions, inFlight, pid) {
  const auth = makeAuth(openStore(kind, url), {
    session: { maxPerUser: 1000 },
    // Each refresh rotates: within the window it would be answered as before, for less.
    refresh: { grace: 0 },
  });
  await auth.start();
  const probe = await openProbe(kind, url);
  const people = Math.max(1, Math.ceil(sessions / 10));
  const emails = Array.from({ length: people }, (_, i) => `s${sessions}-${i}@example.com`);
  await each(people, inFlight, (i) => auth.api.createUser({ email: emails[i] ?? "", password }));
  const read = async () => ({ ...(await probe.read()), cpu: cpuOf(pid), own: process.cpuUsage() });
  const before = await read();
  /** @type {string[]} */
  const refreshTokens = [];
  const signIns = await each(sessions, inFlight, async (i) => {
    const answer = await auth.api.signInEmail({
      email: emails[i % people] ?? "",
      password,
      client: "jwt-live",
    });
    if (!answer.ok || !("refreshToken" in answer.credentials)) throw new Error("no sign-in");
    refreshTokens.push(answer.credentials.refreshToken ?? "");
  });
  const between = await read();
  const refreshes = await each(sessions, inFlight, async (i) => {
    const answer = await auth.api.refresh({ refreshToken: refreshTokens[i] ?? "" });
    if (!answer.ok) throw new Error(`no refresh: ${answer.code}`);
  });
  const after = await read();
  await probe.close();
  await auth.close();
  const of = (/** @type {number} */ end, /** @type {number} */ start) => (end - start) / sessions;
  return {
    ...{ kind, sessions, signIns, refreshes },
    bytes: of(between.bytes, before.bytes),
    signInCommands: of(between.commands, before.commands),
    refreshCommands: of(after.commands, between.commands),
    signInTrips: of(between.trips, before.trips),
    refreshTrips: of(after.trips, between.trips),
    signInCpu: of(between.cpu, before.cpu),
    refreshCpu: of(after.cpu, between.cpu),
    ownCpu: of(after.own.user + after.own.system, between.own.user + between.own.system),
  };
}

/**
 * Microseconds of processor time of a process and of those that it has started: what one operation takes of a server,
 * whatever else the machine does.
 *
 * @param {number | undefined} pid
 */
function cpuOf(pid) {
  if (pid === undefined) return Number.NaN;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean);
  return [pid, ...children].reduce((all, one) => all + ticksOf(one), 0) * 10_000;
}

/** @param {number | string} pid */
function ticksOf(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return Number(fields[11]) + Number(fields[12]);
  } catch {
    return 0;
  }
}

/** Runs all, so many at once, and tells how many a second. @param {number} count @param {number} inFlight @param {(i: number) => Promise<unknown>} run */
async function each(count, inFlight, run) {
  let next = 0;
  const started = performance.now();
  const worker = async () => {
    while (next < count) await persist(next++, run);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (count * 1000) / (performance.now() - started);
}

/** On a machine that is too busy the store misses its deadlines: what it did not do is asked for again. @param {number} i @param {(i: number) => Promise<unknown>} run */
async function persist(i, run) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await run(i);
    } catch (error) {
      if (attempt > 10 || !(error instanceof LatchkeyError)) throw error;
      await new Promise((next) => setTimeout(next, 100));
    }
  }
}

/** What a server says of itself: bytes held, commands carried out, and questions asked over its connections. */
async function openProbe(/** @type {string} */ kind, /** @type {string} */ url) {
  if (kind === "redis") {
    const client = new Redis(url);
    return {
      async read() {
        const [memory, stats] = [await client.info("memory"), await client.info("commandstats")];
        const calls = [...stats.matchAll(/cmdstat_([^:]+):calls=(\d+)/g)].map(([, name = "", count]) => ({
          name,
          count: Number(count),
        }));
        const sum = (/** @type {(name: string) => boolean} */ which) =>
          calls.filter(({ name }) => which(name)).reduce((all, { count }) => all + count, 0);
        return {
          bytes: Number(/used_memory:(\d+)/.exec(memory)?.[1]),
          commands: sum((name) => !/^(info|evalsha|eval|fcall|ping|client|hello|script)/.test(name)),
          trips: sum((name) => /^(evalsha|eval|fcall)/.test(name)),
        };
      },
      close: async () => client.disconnect(),
    };
  }
  if (kind === "postgres") {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const text = `SELECT (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c WHERE relkind = 'r' AND relname LIKE 'latchkey%') AS bytes,
      (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()) AS transactions,
      (SELECT sum(coalesce(seq_scan, 0) + coalesce(idx_scan, 0)) FROM pg_stat_user_tables WHERE relname LIKE 'latchkey%') AS scans`;
    return {
      async read() {
        // Connections tell what they did at most once a second.
        await new Promise((next) => setTimeout(next, 1500));
        const { rows } = await client.query(text);
        const { bytes, transactions, scans } = rows[0];
        return { bytes: Number(bytes), trips: Number(transactions), commands: Number(scans) };
      },
      close: () => client.end(),
    };
  }
  const nothing = { bytes: Number.NaN, commands: Number.NaN, trips: Number.NaN };
  return { read: async () => nothing, close: async () => undefined };
}
