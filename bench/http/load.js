// @ts-check
import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { pinned } from "../lib/servers.js";

/** @typedef {{ port: number, pid: number, headers: readonly Record<string, string>[], stop: () => void }} Running */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
// Some of them are halted, and would stay so.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** @param {string[]} command @param {import("node:child_process").SpawnOptions} [options] */
function run([program = "", ...args], options) {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"], ...options });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return child;
}

/**
 * Starts a server on the core that is kept for it, and gives what it says of itself.
 *
 * @param {string} framework @param {string} guard @param {Record<string, string>} env
 * @returns {Promise<Running>}
 */
export async function startServer(framework, guard, env) {
  const script = new URL("server.js", import.meta.url).pathname;
  // Grown as it is in every server that has run for long, whatever was done to prepare it.
  const young = ["--min-semi-space-size=16", "--max-semi-space-size=16"];
  const child = run([...pinned("0"), process.execPath, ...young, script, framework, guard], {
    env: { ...process.env, ...env },
  });
  const about = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk) => {
      text += chunk;
      // Some frameworks say something of their own first.
      const [, said] = /^(\{.*\})\n/m.exec(text) ?? [];
      if (said !== undefined) resolve(JSON.parse(said));
    });
    child.once("exit", () => reject(new Error(`${framework} with ${guard} did not start`)));
  });
  const server = { ...about, pid: child.pid, stop: () => child.kill("SIGKILL") };
  if (about.signsIn) server.headers = await signInOver(about.port);
  return server;
}

/** The people of those that keep sessions of their own get them over HTTP. @param {number} port */
async function signInOver(port) {
  const headers = [];
  for (let i = 0; i < 64; i++) {
    const response = await fetch(`http://127.0.0.1:${port}/sign-in`);
    headers.push({
      cookie: response.headers
        .getSetCookie()
        .map((it) => it.split(";", 1)[0])
        .join("; "),
    });
  }
  return headers;
}

/**
 * @typedef {object} Said what wrk says at its end
 * @property {number} done requests
 * @property {number} rate requests a second
 * @property {number} p50 milliseconds
 * @property {number} p99
 */

/**
 * @typedef {object} Load
 * @property {Running} server
 * @property {readonly Record<string, string>[]} headers of its people, who come in turn
 * @property {string} folder
 */

/**
 * What is fast and wrong would look good: each server must answer its first person by name.
 *
 * @param {Load} load @param {RegExp} wanted
 */
export async function mustAnswer({ server, headers }, wanted) {
  const response = await fetch(`http://127.0.0.1:${server.port}/`, { headers: headers[0] ?? {} });
  const text = await response.text();
  if (response.status !== 200 || !wanted.test(text))
    throw new Error(`it answered ${response.status} ${JSON.stringify(text)}, not 200 ${wanted}`);
}

/** Sends as much as the server answers, on the other core. @param {Load} load @param {number} seconds */
export async function ask(load, seconds) {
  return startAsking(load, seconds).said;
}

/**
 * @typedef {object} Asked a server under load
 * @property {number} pid
 * @property {() => void} halt
 * @property {() => void} goOn
 * @property {() => Promise<number>} end gives the number of requests
 */

/**
 * The same for several, of which one after the other is let go on; at first all halt. They halt no longer than they must:
 * who has heard nothing for seconds would have to ask first what has happened.
 *
 * @param {readonly Load[]} loads
 * @param {number} seconds after which they end in any case
 * @returns {Promise<Asked[]>}
 */
export async function askInTurns(loads, seconds) {
  // Not one request is answered but in turns.
  for (const { server } of loads) process.kill(server.pid, "SIGSTOP");
  const started = loads.map((load) => ({ pid: load.server.pid, ...startAsking(load, seconds) }));
  // Until all are connected.
  await new Promise((next) => setTimeout(next, 50 + 15 * loads.length));
  for (const { wrk } of started) wrk.kill("SIGSTOP");
  return started.map(({ pid, wrk, said }) => {
    const signal = (/** @type {NodeJS.Signals} */ name) => {
      process.kill(pid, name);
      wrk.kill(name);
    };
    return {
      pid,
      halt: () => signal("SIGSTOP"),
      goOn: () => signal("SIGCONT"),
      async end() {
        // In this order, and more than once: one that halts, or has just gone on, may give the signal to the wrong one of its
        // threads, and would go on to the end.
        wrk.kill("SIGCONT");
        wrk.kill("SIGINT");
        const again = setInterval(() => wrk.kill("SIGINT"), 200);
        const { done } = await said.finally(() => clearInterval(again));
        process.kill(pid, "SIGCONT");
        return done;
      },
    };
  });
}

/** @param {Load} load @param {number} seconds */
function startAsking({ server, headers, folder }, seconds) {
  const script = `${folder}/${server.port}.lua`;
  const requests = headers.map(
    (it) =>
      `wrk.format("GET", "/", {${Object.entries(it)
        .map(([name, value]) => `["${name}"]="${value}"`)
        .join(",")}})`,
  );
  // Made once: what is measured is the server.
  writeFileSync(
    script,
    `local at = 0\nlocal all\nfunction init()\n  all = {${requests.join(",\n")}}\nend\nfunction request()\n  at = at % #all + 1\n  return all[at]\nend\n`,
  );
  const program = process.env.LATCHKEY_WRK || "wrk";
  const args = ["-t1", "-c64", `-d${seconds}s`, "--latency", "-s", script];
  const wrk = run([...pinned("1"), program, ...args, `http://127.0.0.1:${server.port}/`]);
  const said = new Promise((resolve, reject) => {
    let text = "";
    wrk.stdout?.on("data", (chunk) => {
      text += chunk;
    });
    wrk.once("error", reject).once("close", () => {
      if (/Non-2xx/.test(text)) reject(new Error(`refused:\n${text}`));
      else resolve(read(text));
    });
  });
  return { wrk, said: /** @type {Promise<Said>} */ (said) };
}

/** @param {string} text */
function read(text) {
  return {
    done: Number(/(\d+) requests in/.exec(text)?.[1]),
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50: milliseconds(/50%\s+(\S+)/.exec(text)?.[1]),
    p99: milliseconds(/99%\s+(\S+)/.exec(text)?.[1]),
  };
}

/** @param {string | undefined} text such as `1.32ms` */
function milliseconds(text = "") {
  const value = Number.parseFloat(text);
  if (text.endsWith("us")) return value / 1000;
  return text.endsWith("ms") ? value : value * 1000;
}
