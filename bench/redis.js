// @ts-check
// What the Redis store costs: `node bench/redis.js [redis://…]`, on a server that may be emptied. Without a URL one is
// started in a temporary folder. Build first: npm run build.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { redisStore } from "latchkey/redis";

const id = () => randomBytes(16).toString("base64url");
const agent =
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

/** @param {string[]} args */
async function command(...args) {
  const { hostname, port } = new URL(url);
  const socket = createConnection(Number(port), hostname);
  socket.end(`*${args.length}\r\n${args.map((it) => `$${Buffer.byteLength(it)}\r\n${it}\r\n`).join("")}`);
  let text = "";
  for await (const chunk of socket) text += chunk;
  return text;
}

/** @param {string} section @param {string} field */
async function info(section, field) {
  return Number(new RegExp(`${field}:(\\d+)`).exec(await command("INFO", section))?.[1]);
}

function newSession() {
  return {
    ...{
      id: id(),
      client: "web",
      amr: ["pwd"],
      ip: "192.0.2.7",
      userAgent: agent,
      tokenHash: randomBytes(32).toString("base64url"),
    },
    ...{ expiresIn: 30 * 86_400, idleTimeout: 7 * 86_400, refreshSalt: null },
  };
}

/**
 * @param {string} name
 * @param {number} count
 * @param {number} inFlight
 * @param {(i: number) => Promise<unknown>} call
 */
async function rate(name, count, inFlight, call) {
  let next = 0;
  await command("CONFIG", "RESETSTAT");
  const started = performance.now();
  let faults = 0;
  const worker = async () => {
    while (next < count) await call(next++).catch(() => faults++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  const perSecond = Math.round(count / ((performance.now() - started) / 1000));
  const inside = (await info("stats", "total_commands_processed")) / count;
  const statistics = await command("INFO", "commandstats");
  const [, calls, micros] = /cmdstat_evalsha:calls=(\d+),usec=(\d+)/.exec(statistics) ?? [];
  const words = [
    name.padEnd(32),
    `${String(inFlight).padStart(3)} in flight`,
    `${perSecond}/s`.padStart(8),
    `${(Number(calls) / count).toFixed(1)} scripts of ${Math.round(Number(micros) / Number(calls))} µs and ${Math.round(inside)} commands each`,
    faults === 0 ? "" : `${faults} not answered in time`,
  ];
  console.log(words.join("  "));
}

const folder = mkdtempSync(join(tmpdir(), "latchkey-bench-"));
const port = 20_000 + Math.floor(Math.random() * 10_000);
const url = process.argv[2] ?? `redis://127.0.0.1:${port}`;
const own = process.argv[2] === undefined ? ["--port", `${port}`, "--dir", folder, "--save", ""] : undefined;
const server = own && spawn("redis-server", own, { stdio: "ignore" });
await wait(500);
await command("FLUSHALL");
const store = redisStore(url);
await store.start();
const users = [];
for (let i = 0; i < 20_000; i++) {
  users.push({
    id: id(),
    email: `person-${i}@example.test`,
    name: "Ann Example",
    roles: ["reader"],
    passwordHash: `$argon2id$v=19$m=19456,t=2,p=1$${randomBytes(16).toString("base64")}$${randomBytes(32).toString("base64")}`,
  });
}
const before = await info("memory", "used_memory");
await rate("createUser", users.length, 100, (i) => store.createUser(users[i]));
const withUsers = await info("memory", "used_memory");
console.log(`bytes per user: ${Math.round((withUsers - before) / users.length)}`);
const sessions = [];
const signIn = (i) => {
  const session = newSession();
  sessions.push(session.id);
  return store.openSession({
    user: { id: users[i % users.length].id, epoch: 0 },
    session,
    replaces: null,
    limit: null,
    audit: null,
  });
};
await rate("openSession", 100_000, 100, signIn);
console.log(
  `bytes per session: ${Math.round(((await info("memory", "used_memory")) - withUsers) / sessions.length)} (100,000 sessions of 20,000 users)`,
);
const anyId = () => sessions[Math.floor(Math.random() * sessions.length)];
await rate("readSession, one after the other", 10_000, 1, () => store.readSession(anyId()));
await rate("readSession", 100_000, 100, () => store.readSession(anyId()));
await rate("openSession, one after the other", 5_000, 1, signIn);
await rate("openSession, at most 5 each", 20_000, 100, (i) => {
  const session = newSession();
  const user = { id: users[i % users.length].id, epoch: 0 };
  return store.openSession({
    user,
    session,
    replaces: null,
    limit: { max: 5, onLimit: "evict" },
    audit: null,
  });
});
await rate("touchSession", 50_000, 100, () => store.touchSession(anyId(), -1));
await rate("endSession, one after the other", 5_000, 1, (i) => store.endSession(sessions[i], "revoked"));
await rate("endSession", 50_000, 100, (i) => store.endSession(sessions[5_000 + i], "revoked"));
const { position } = await store.readLeases(null);
await rate("readChanges, nothing new", 5_000, 1, async () => {
  const lease = { id: "a", counter: 1, node: "node", duration: 1000, accepts: false };
  await store.readChanges({ after: position, limit: 100, waitMs: 0, lease });
});
await rate("listUsers, a search of no hits", 20, 1, () =>
  store.listUsers({ search: "nobody at all", limit: 50 }),
);
await store.close();
server?.kill();
rmSync(folder, { recursive: true, force: true });
