import { get } from "node:http";
import { signIn } from "../load/acts/sessions.ts";
import { send } from "../load/http.ts";
import type { Held, World } from "../load/world.ts";
import { figures, table } from "../run/table.ts";
import { type Measure, type Measured, repeat, withStage } from "./stage.ts";

/** What is aimed at on a machine with nothing else to do, in milliseconds. */
const target = { p99: 25, max: 250 };
/** Beyond this a promise is broken, whatever the machine: `maxStaleness`. */
const bound = 2000;

/** Revokes so many sessions, and asks how long each took to be refused by the slowest of three nodes. */
export function measureRevocations(measure: Measure, count: number, atOnce: number): Promise<Measured> {
  const stage = { strategies: ["session-live", "jwt-live"], people: 50 };
  return withStage(measure, stage, async (world) => {
    const latencies: number[] = [];
    let lost = 0;
    const began = performance.now();
    await repeat(count, atOnce, async (index) => {
      if (world.isOver) return;
      const latency = await revokeOne(world);
      if (latency === undefined) lost += 1;
      else latencies.push(latency);
      if ((index + 1) % 1000 === 0) measure.tell(`  ${index + 1}/${count}`);
    });
    const over = latencies.filter((latency) => latency > bound).length;
    const rate = count / ((performance.now() - began) / 1000);
    const rows = [
      [
        "store",
        "at once",
        "a second",
        "revocations",
        "p50 ms",
        "p99 ms",
        "max ms",
        "beyond the bound",
        "not answered",
      ],
      [measure.store, atOnce, Math.round(rate), latencies.length, ...figures(latencies), over, lost],
    ];
    const note = `aim on a quiet machine: p99 ≤ ${target.p99} ms, max ≤ ${target.max} ms; bound ${bound} ms`;
    return { text: `${table(rows)}\n${note}`, violations: over };
  });
}

/** From the answer of the revocation to the last node's first refusal; undefined: not everything was answered. */
async function revokeOne(world: World): Promise<number | undefined> {
  const person = world.random.pick(world.people);
  const held = person && (await signIn(world, person));
  if (held === undefined) return undefined;
  const watching = await Promise.all(world.nodes.map(({ url }) => watchAt(url, held)));
  const call = world.subject.revokeSession(held.person.id, held.id, false);
  const node = world.random.pick(world.nodes);
  const reply = await send(node?.url ?? "", call);
  const answered = Number(process.hrtime.bigint() / 1000n);
  const refused = await Promise.all(watching.map((one) => one?.refusedAt));
  const times = refused.filter((at) => at !== undefined);
  if (reply.outcome !== "done" || times.length < watching.length) return undefined;
  return Math.max(0, ...times.map((at) => (at - answered) / 1000));
}

interface Watching {
  /** Microseconds of the clock that all processes share. */
  readonly refusedAt: Promise<number | undefined>;
}

/** Resolves once the node has accepted the credential and goes on checking it. */
function watchAt(url: string, { now }: Held): Promise<Watching | undefined> {
  return new Promise((resolve) => {
    const asked = get(`${url}/watch`, { headers: now.carried.headers }, (response) => {
      const refusedAt = new Promise<number | undefined>((give) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part: string) => {
          text += part;
        });
        // Broken off if the node could not tell whether it holds.
        response.on("close", () =>
          give(response.complete && text !== "" ? JSON.parse(text).refusedAt : undefined),
        );
        response.on("error", () => give(undefined));
      });
      resolve(response.statusCode === 200 ? { refusedAt } : undefined);
    });
    asked.on("error", () => resolve(undefined));
  });
}
