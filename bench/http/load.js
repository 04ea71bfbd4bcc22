// @ts-check
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { pinned } from "../lib/servers.js";

/** @typedef {{ port: number, pid: number, headers: readonly Record<string, string>[], stop: () => void }} Running */

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Starts a server on the core that is kept for it, and gives what it says of itself.
 *
 * @param {string} framework @param {string} guard @param {Record<string, string>} env
 * @returns {Promise<Running>}
 */
export async function startServer(framework, guard, env) {
  const script = new URL("server.js", import.meta.url).pathname;
  const [command = "", ...args] = [...pinned("0"), process.execPath, script, framework, guard];
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  const about = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text.endsWith("\n")) resolve(JSON.parse(text));
    });
    child.once("exit", () => reject(new Error(`${framework} with ${guard} did not start`)));
  });
  const stop = () => {
    running.delete(child);
    child.kill("SIGKILL");
  };
  const server = { ...about, pid: child.pid, stop };
  if (about.headers.length === 0 && guard !== "bare") server.headers = await signInOver(about.port);
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
 * @typedef {object} Load
 * @property {number} rate requests a second
 * @property {number} p50 milliseconds
 * @property {number} p99
 * @property {number} cpu microseconds of the server's processor time a request
 */

/**
 * Sends as much as the server answers, on the other core.
 *
 * @param {Running} server
 * @param {readonly Record<string, string>[]} headers
 * @param {{ seconds: number, folder: string }} how
 * @returns {Promise<Load>}
 */
export async function load(server, headers, { seconds, folder }) {
  const script = `${folder}/requests.lua`;
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
  const args = [
    "-t1",
    "-c64",
    `-d${seconds}s`,
    "--latency",
    "-s",
    script,
    `http://127.0.0.1:${server.port}/`,
  ];
  const before = cpuOf(server.pid);
  const text = await output([...pinned("1"), program, ...args]);
  const used = cpuOf(server.pid) - before;
  if (/Non-2xx/.test(text)) throw new Error(`refused:\n${text}`);
  const done = Number(/(\d+) requests in/.exec(text)?.[1]);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1]),
    p50: milliseconds(/50%\s+(\S+)/.exec(text)?.[1]),
    p99: milliseconds(/99%\s+(\S+)/.exec(text)?.[1]),
    cpu: (used * 1e6) / done,
  };
}

/** Seconds of processor time so far. @param {number} pid */
function cpuOf(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** @param {string | undefined} text such as `1.32ms` */
function milliseconds(text = "") {
  const value = Number.parseFloat(text);
  if (text.endsWith("us")) return value / 1000;
  return text.endsWith("ms") ? value : value * 1000;
}

/** @param {string[]} command @returns {Promise<string>} */
function output([program = "", ...args]) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    child.once("error", reject).once("close", () => resolve(text));
  });
}
