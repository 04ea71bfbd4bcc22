import { setTimeout as sleep } from "node:timers/promises";
import { type Auth, latchkey, type StrategyName } from "latchkey";
import { redisStore } from "latchkey/redis";
import { afterAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { startRedis } from "../../support/servers/redis.ts";
import { listen } from "../../support/servers/redis-store.ts";
import { arriveAll, checkAll, clients, type People, send, strategies } from "./ask.ts";
import { engines } from "./broken.ts";
import { carry } from "./stage.ts";

const measured: string[] = [];
afterAll(() => {
  const heading = "store     comes back with  strategy       who was in  who was out  all again after";
  process.stdout.write(`${[heading, ...measured].join("\n")}\n`);
});

/** What a check of each strategy is answered. */
type Seen = { readonly [strategy in StrategyName]: string };

async function look(auth: Auth, people: People): Promise<Seen> {
  const answers = await checkAll(auth, people);
  return Object.fromEntries([...answers].map(([name, { seen }]) => [name, seen])) as Seen;
}

/** Everybody alike, but for those who are named. */
function seenAs(usual: string, others: Partial<Seen> = {}): Seen {
  const seen = Object.fromEntries(strategies.map((name) => [name, usual])) as Seen;
  return { ...seen, ...others };
}

/** Somebody who stays and somebody who was signed out, for each strategy. */
async function fill(auth: Auth): Promise<{ stay: People; gone: People }> {
  const [stay, gone] = [await arriveAll(auth), await arriveAll(auth)];
  for (const one of gone.values()) expect(await auth.api.signOut(carry(one))).toMatchObject({ ok: true });
  expect(await look(auth, stay)).toEqual(seenAs("goes on"));
  expect(await look(auth, gone)).toEqual(out);
  return { stay, gone };
}

/** Nobody who was signed out is let in, whatever else is known; plain `jwt` lives until it expires. */
const out = seenAs("session_ended", { jwt: "goes on" });

function expectOut(seen: Seen): void {
  const letIn = strategies.filter((name) => name !== "jwt" && seen[name] === "goes on");
  expect(letIn).toEqual([]);
}

/** Waits for it, and looks at each attempt whether nobody who is out is let in. */
async function settle(auth: Auth, { stay, gone }: { stay: People; gone: People }, as: Seen): Promise<Seen> {
  return vi.waitFor(
    async () => {
      const [seen, ended] = [await look(auth, stay), await look(auth, gone)];
      expectOut(ended);
      expect(seen).toEqual(as);
      return ended;
    },
    { timeout: 15_000, interval: 20 },
  );
}

function note(engine: string, by: string, [stay, gone]: readonly [Seen, Seen], back: string): void {
  for (const name of strategies) {
    const cells = [engine.padEnd(9), by.padEnd(16), name.padEnd(14), stay[name].padEnd(11)];
    measured.push([...cells, gone[name].padEnd(12), back].join(" "));
  }
}

test("a Redis that has thrown sessions away signs everybody out, and who was out stays out", async () => {
  const server = await startRedis();
  onTestFinished(() => server.stop());
  const { words, logger } = listen();
  const auth = latchkey({
    secret: "a secret for tests, of more than 32 characters",
    store: redisStore(server.url, { logger }),
    rateLimit: false,
    passwords: { hasher: plainHasher() },
    ...{ clients, logger },
  });
  onTestFinished(() => auth.close());
  await auth.start();
  const people = await fill(auth);
  await server.command("CONFIG", "SET", "maxmemory-policy", "volatile-lru", "maxmemory", "1");
  expect(await server.command("SET", "no", "room")).toContain("OOM");
  await server.command("CONFIG", "SET", "maxmemory-policy", "noeviction", "maxmemory", "0");
  const all = seenAs("session_ended", { jwt: "goes on" });
  // Noticed within a second. An ended session is gone as well, and must not pass for one that never ended.
  await vi.waitFor(async () => expect(await look(auth, people.stay)).toEqual(all), 10_000);
  expect(await look(auth, people.gone)).toEqual(all);
  expect(words.filter((it) => it.includes("thrown keys away"))).toHaveLength(1);
}, 30_000);

describe.each(engines)("over %s that comes back", { timeout: 60_000 }, (engine, open) => {
  test("with nothing nobody can tell, until it is as before", async () => {
    const stage = await open({ clients, revocation: { maxStaleness: 1 } });
    const { auth } = stage;
    const people = await fill(auth);
    const putBack = await stage.replace("nothing");
    const unknown = seenAs("503", { jwt: "goes on" });
    const ended = await settle(auth, people, unknown);
    const [session] = [...people.stay.values()];
    expect((await send(auth, "/sign-out", {}, session)).seen).toBe("503");
    expect(stage.words.join("\n")).toMatch(/was emptied|does not exist/);

    // Whoever starts now takes it as a new store: nobody is in, and the truth of the others is none of theirs.
    const other = await stage.another();
    expect(await look(other, people.stay)).toEqual(seenAs("credential_invalid"));
    expect(await look(other, people.gone)).toEqual(seenAs("credential_invalid"));
    await settle(auth, people, unknown);

    const began = performance.now();
    await putBack();
    await settle(auth, people, seenAs("goes on"));
    note(engine, "nothing", [unknown, ended], `${Math.round(performance.now() - began)} ms`);
    await vi.waitFor(async () => expect(await look(auth, people.gone)).toEqual(out), 5000);
  });

  test("with what it held before anybody came nobody who was out is in", async () => {
    const stage = await open({ clients, revocation: { maxStaleness: 1 } });
    const { auth } = stage;
    const people = await fill(auth);
    await stage.replace("older copy");
    // There are no such people any more. A token that nobody took back, and that asks nobody, lives until it expires.
    const left = seenAs("session_ended", { jwt: "goes on", "jwt-live": "goes on" });
    await vi.waitFor(
      () => expect(stage.words.join("\n")).toMatch(/rolled back to .*: \d+ changes made good/),
      {
        timeout: 15_000,
        interval: 20,
      },
    );
    note(engine, "an older copy", [left, await settle(auth, people, left)], "-");
    // What was made good holds for whoever starts now, too.
    const other = await stage.another();
    await settle(other, people, left);
    await sleep(300);
    expect(await look(auth, people.gone)).toEqual(out);
    expect(await look(other, people.gone)).toEqual(out);
  });
});
