import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { createClient } from "@redis/client";

/** A REST interface in front of a Redis, as Upstash has it: https://upstash.com/docs/redis/features/restapi */
export interface RestFront {
  readonly url: string;
  readonly token: string;
  /** Names of the commands that came. */
  readonly commands: string[];
  /** What is answered instead: a status and a body. */
  answer(instead: readonly [status: number, body: string] | undefined): void;
  /** Holds every answer back for so many milliseconds. */
  delay(milliseconds: number): void;
  stop(): Promise<void>;
}

export async function startRestFront(redisUrl: string): Promise<RestFront> {
  const client = createClient({ url: redisUrl });
  client.on("error", () => undefined);
  await client.connect();
  const token = "a token that may write";
  const commands: string[] = [];
  let instead: readonly [number, string] | undefined;
  let wait = 0;

  async function answer(request: IncomingMessage): Promise<readonly [number, string]> {
    if (request.headers.authorization !== `Bearer ${token}`)
      return [401, '{"error":"WRONGPASS invalid token"}'];
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const sent: unknown[] = JSON.parse(Buffer.concat(chunks).toString());
    const args = sent.map(String);
    commands.push(args[0] ?? "");
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    if (instead !== undefined) return instead;
    try {
      return [200, JSON.stringify({ result: await client.sendCommand(args) })];
    } catch (error) {
      return [400, JSON.stringify({ error: error instanceof Error ? error.message : String(error) })];
    }
  }

  const server = createServer((request, response) => {
    void answer(request).then(([status, body]) => {
      response.writeHead(status, { "content-type": "application/json" }).end(body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ token, commands },
    answer: (one) => {
      instead = one;
    },
    delay: (milliseconds) => {
      wait = milliseconds;
    },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      client.destroy();
    },
  };
}
