// @ts-check
// A Redis in a temporary folder, and a REST interface in front of it, as a provider has it.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { freePort } from "./port.js";

export async function startRest() {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-rest-"));
  const port = await freePort();
  const program = process.env.LATCHKEY_REDIS_SERVER || "redis-server";
  const args = ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder];
  const child = spawn(program, args, { stdio: "ignore" });
  const client = await connect(port);
  const token = randomBytes(16).toString("hex");
  let isAway = false;
  const server = createServer((request, response) => {
    if (isAway) return void request.destroy();
    const answer = async () => {
      if (request.headers.authorization !== `Bearer ${token}`) return { error: "WRONGPASS" };
      let text = "";
      for await (const chunk of request) text += chunk;
      const command = JSON.parse(text).map(String);
      return client.sendCommand(command).then(
        (result) => ({ result }),
        (error) => ({ error: error.message }),
      );
    };
    const write = (/** @type {object} */ body) => {
      response.writeHead("error" in body ? 400 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    };
    // Whoever hung up while they asked wants no answer.
    void answer().then(write, () => response.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    rest: { url: `http://127.0.0.1:${address.port}`, token },
    /** Breaks every connection off, until what it gives is called. */
    take: () => {
      isAway = true;
      return () => {
        isAway = false;
      };
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      client.destroy();
      child.kill();
      await once(child, "exit");
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** @param {number} port */
async function connect(port) {
  for (let attempt = 0; ; attempt++) {
    const client = createClient({ socket: { port, host: "127.0.0.1", reconnectStrategy: false } });
    client.on("error", () => undefined);
    try {
      return await client.connect();
    } catch (error) {
      if (attempt > 200) throw error;
      await sleep(25);
    }
  }
}
