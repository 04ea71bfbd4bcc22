import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "./port.ts";
import { launch, type RedisServer, send, startRedis } from "./redis.ts";

/** A primary with two replicas, and three sentinels that watch over them. */
export interface SentinelTrio {
  readonly name: string;
  readonly servers: readonly RedisServer[];
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  /** Which of the servers the sentinels call the primary. */
  primary(): Promise<RedisServer>;
  stop(): Promise<void>;
}

const name = "latchkey-test";

export async function startSentinelTrio(...settings: string[]): Promise<SentinelTrio> {
  const primary = await startRedis(...settings);
  const follow = ["--replicaof", `127.0.0.1 ${primary.port}`, ...settings];
  const servers = [primary, await startRedis(...follow), await startRedis(...follow)];
  const folder = mkdtempSync(join(tmpdir(), "latchkey-sentinel-"));
  const watchers: RedisServer[] = [];
  for (let i = 0; i < 3; i++) {
    // A sentinel keeps what it learns in its configuration.
    const file = join(folder, `${i}.conf`);
    writeFileSync(
      file,
      `sentinel monitor ${name} 127.0.0.1 ${primary.port} 2
sentinel down-after-milliseconds ${name} 2000
sentinel failover-timeout ${name} 6000
sentinel parallel-syncs ${name} 2
`,
    );
    watchers.push(
      await launch(
        process.env.LATCHKEY_REDIS_SERVER || "redis-server",
        [file, "--sentinel"],
        await freePort(),
      ),
    );
  }
  const sentinels = watchers.map(({ port }) => ({ host: "127.0.0.1", port }));
  const first = sentinels[0]?.port ?? 0;
  const knows = async (): Promise<boolean> => {
    const text = await send(first, ["SENTINEL", "MASTER", name]);
    return /num-slaves\r\n\$1\r\n2\r\n/.test(text) && /num-other-sentinels\r\n\$1\r\n2\r\n/.test(text);
  };
  for (let i = 0; !(await knows()); i++) {
    if (i > 1000) throw new Error("the sentinels do not find each other");
    await wait(20);
  }
  return {
    ...{ name, servers, sentinels },
    primary: async () => {
      const text = await send(first, ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name]);
      const port = Number(/\r\n(\d+)\r\n$/.exec(text)?.[1]);
      const found = servers.find((server) => server.port === port);
      if (found === undefined) throw new Error(`no server has the port ${port}`);
      return found;
    },
    stop: async () => {
      await Promise.all([...watchers, ...servers].map((server) => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
