import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { startStore } from "../cluster/stores/start.ts";
import type { StoreServer } from "../cluster/stores/store.ts";
import type { Read } from "../node/log-child.ts";
import { table } from "../run/table.ts";
import { defaults, type Measure, type Measured } from "./stage.ts";

const program = fileURLToPath(new URL("../node/log-child.js", import.meta.url));
const appenders = 8;
const readers = 3;

/** Eight processes append so many changes in all while three follow the log: each sees every change once and in order. */
export async function measureAppenders(measure: Measure, count: number): Promise<Measured> {
  const store = await startStore(measure.store, 0);
  const children: ChildProcess[] = [];
  try {
    const start = async (): Promise<ChildProcess> => {
      const child = launch(store);
      children.push(child);
      await once(child, "message");
      return child;
    };
    // The first one makes the tables.
    const all = [await start()];
    all.push(...(await Promise.all(Array.from({ length: appenders + readers - 1 }, start))));
    return await follow(measure, all.slice(0, readers), all.slice(readers), count);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    await store.stop();
  }
}

async function follow(
  measure: Measure,
  reading: readonly ChildProcess[],
  appending: readonly ChildProcess[],
  count: number,
): Promise<Measured> {
  const began = performance.now();
  const read = reading.map((child) => ask<Read>(child, { read: true }));
  const each = Math.ceil(count / appending.length);
  const appended = await Promise.all(
    appending.map((child, index) => ask<number>(child, { append: each, user: `user-${index}` })),
  );
  const wrote = (performance.now() - began) / 1000;
  const until = appended.reduce((sum, one) => sum + one, 0);
  for (const child of reading) child.send({ until });
  const seen = await Promise.race([Promise.all(read), late(60_000)]);
  const digests = new Set(seen.map(({ digest }) => digest));
  const wrong = seen.reduce((sum, one) => sum + one.wrong + Math.abs(one.count - until), 0);
  const isSame = digests.size === 1 && seen.length === reading.length;
  const head = [
    "store",
    "changes",
    "seconds",
    "changes/s",
    "each reader saw",
    "twice, missed, out of order",
    "same order",
  ];
  const counts = seen.map((one) => one.count).join(", ");
  const row = [
    measure.store,
    until,
    wrote.toFixed(1),
    Math.round(until / wrote),
    counts,
    wrong,
    isSame ? "yes" : "no",
  ];
  return { text: table([head, row]), violations: wrong + (isSame ? 0 : 1) };
}

async function ask<Answer>(child: ChildProcess, order: object): Promise<Answer> {
  child.send(order);
  const died = once(child, "exit").then(([code]) =>
    Promise.reject(new Error(`a process ended with ${code}`)),
  );
  const [answer] = await Promise.race([once(child, "message"), died]);
  return answer as Answer;
}

function late(milliseconds: number): Promise<never[]> {
  return new Promise((resolve) => setTimeout(() => resolve([]), milliseconds).unref());
}

function launch({ name, address }: StoreServer): ChildProcess {
  const own = {
    subject: "latchkey",
    build: "healthy",
    store: name,
    address,
    directAddress: address,
    port: 0,
    ahead: 0,
  };
  const settings = { ...own, ...defaults, name: "log" };
  return spawn(process.execPath, [program], {
    env: { PATH: process.env.PATH, CHAOS_NODE: JSON.stringify(settings) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    // Ctrl-C is for the harness, which ends them in its own time.
    detached: true,
  });
}
