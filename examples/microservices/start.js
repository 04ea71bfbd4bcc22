// Starts the auth server and both services, each a process of its own, and stops them together.
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const { AUTH_PORT = "4000", ORDERS_PORT = "4001", STOCK_PORT = "4002" } = process.env;
const ORDERS_SECRET = randomBytes(32).toString("base64url");
const STOCK_SECRET = randomBytes(32).toString("base64url");

/** @type {import("node:child_process").ChildProcess[]} */
const children = [];
/** @type {Promise<undefined>[]} */
const endings = [];
let isAsked = false;
const stopAll = () => children.forEach((child) => void child.kill("SIGTERM"));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  process.once(signal, () => {
    isAsked = true;
    stopAll();
  });

/** @param {string} script @param {Record<string, string>} settings @returns {Promise<{ url: string, pid: number | undefined }>} */
async function start(script, settings) {
  const child = fork(fileURLToPath(new URL(script, import.meta.url)), {
    env: { ...process.env, ...settings },
  });
  children.push(child);
  const ended = once(child, "exit").then(() => undefined);
  endings.push(ended);
  const message = await Promise.race([once(child, "message"), ended]);
  if (message === undefined) {
    if (!isAsked) console.error(`${script} did not start; the lines above say why. The others are stopped.`);
    stopAll();
    await Promise.all(endings);
    process.exit(isAsked ? 0 : 1);
  }
  return { url: message[0].url, pid: child.pid };
}

const auth = await start("auth-server.js", { PORT: AUTH_PORT, ORDERS_SECRET, STOCK_SECRET });
const ISSUER = `${auth.url}/api/auth`;
const { url: STOCK_URL } = await start("stock.js", { PORT: STOCK_PORT, ISSUER, CLIENT_SECRET: STOCK_SECRET });
await start("orders.js", { PORT: ORDERS_PORT, ISSUER, STOCK_URL, CLIENT_SECRET: ORDERS_SECRET });
console.log(`All are up. To stop the auth server alone: kill ${auth.pid}`);
