// @ts-check
import { fork } from "node:child_process";
import { once } from "node:events";
import { makeAuth, signUp } from "../lib/people.js";
import { median, quantile } from "../lib/rounds.js";
import { openStore } from "./stores.js";

const script = new URL("node.js", import.meta.url).pathname;

/**
 * From the call that revokes until every process refuses, so many times.
 *
 * @param {string} kind @param {string} url @param {number} nodes @param {number} count
 */
export async function revocationLatency(kind, url, nodes, count) {
  const children = Array.from({ length: nodes }, () => fork(script, [kind, url], { execArgv: [] }));
  const auth = makeAuth(openStore(kind, url), { revocation: { maxStaleness: 2 } });
  try {
    await Promise.all(children.map((child) => once(child, "message")));
    const tokens = await signUp(auth, "jwt-live", count);
    const each = [];
    const answers = [];
    for (const [id, token] of tokens.entries()) {
      const sessionId = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sid;
      await toAll(children, id, () => {
        for (const child of children) child.send({ id, token });
      });
      const started = performance.timeOrigin + performance.now();
      const refused = await toAll(children, id, async () => {
        await auth.api.revokeSession({ sessionId });
        answers.push(performance.timeOrigin + performance.now() - started);
      });
      each.push(...refused.map((at) => at - started));
    }
    const [p50, p99, most] = [median(each), quantile(each, 0.99), Math.max(...each)];
    return { nodes, p50, p99, most, answered: median(answers) };
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await auth.close();
  }
}

/**
 * Does something and waits until each child has spoken of it.
 *
 * @param {import("node:child_process").ChildProcess[]} children @param {number} id @param {() => unknown} act
 * @returns {Promise<number[]>}
 */
async function toAll(children, id, act) {
  const said = children.map(
    (child) =>
      new Promise((resolve) => {
        const hear = (/** @type {any} */ message) => {
          if (message.id !== id) return;
          child.off("message", hear);
          resolve(message.at);
        };
        child.on("message", hear);
      }),
  );
  await act();
  return Promise.all(said);
}
