import { setTimeout as sleep } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import type { Operation } from "../history/types.ts";
import { check, signIn } from "../load/acts/sessions.ts";
import { perform, type World } from "../load/world.ts";
import { figures, table } from "../run/table.ts";
import { type Measure, type Measured, withStage } from "./stage.ts";
import { wrongIn } from "./wrong.ts";

/** Seconds. */
const maxStaleness = 1;
/** Receipts resolve at the latest after twice the longest lease (P17, P18); for the way there and back a little more. */
const bound = 2 * (1.1 * maxStaleness * 1000 + 250) + 300;

/** `confirm: true` while all three nodes are well, while one is stopped, and after one was killed. */
export function measureConfirm(measure: Measure): Promise<Measured> {
  const stage = { maxStaleness, strategies: ["session-live", "jwt-live"], people: 5 };
  return withStage(measure, stage, async (world, cluster) => {
    // In its first moments a process waits for leases that it cannot know of.
    await sleep(bound);
    const [, second, third] = cluster.nodes;
    const rows = [await phase(world, cluster, "three nodes", 30)];
    third?.freeze();
    rows.push(await phase(world, cluster, "one stopped", 8, 2));
    third?.thaw();
    await sleep(1000);
    rows.push(await phase(world, cluster, "gone on", 8));
    await second?.kill();
    rows.push(await phase(world, cluster, "one killed", 8, 1));
    await second?.start();
    rows.push(await phase(world, cluster, "started again", 8));
    const found = wrongIn(world);
    const late = rows.reduce((sum, { overdue }) => sum + overdue, 0);
    const text = `${table([head, ...rows.map(({ row }) => row)])}\nbound ${Math.round(bound)} ms; let in after a complete receipt: ${found.length}`;
    return { text: `${text}${found.map(({ why }) => `\n${why}`).join("")}`, violations: found.length + late };
  });
}

const head = ["while", "receipts", "complete", "p50 ms", "max ms", "checks after it", "accepted"];

interface Phase {
  readonly row: readonly (string | number)[];
  /** Receipts that took longer than they may. */
  readonly overdue: number;
}

/** So many confirmed revocations, each followed by checks on every node, also the one that stands still. */
async function phase(
  world: World,
  cluster: Cluster,
  name: string,
  times: number,
  absent?: number,
): Promise<Phase> {
  const before = world.operations.length;
  for (let index = 0; index < times && !world.isOver; index++) await confirmOne(world, absent);
  if (name === "one stopped") cluster.nodes[absent ?? 0]?.thaw();
  await Promise.all(pending.splice(0));
  const all = world.operations.slice(before);
  const ends = all.filter(({ kind, outcome }) => kind === "end" && outcome === "done");
  const took = ends.map(({ start, end }) => end - start);
  const checks = all.filter((it) => it.kind === "check" && isAfterItsEnd(it, ends));
  const complete = ends.filter((it) => it.complete === true).length;
  const accepted = checks.filter(({ outcome }) => outcome === "done").length;
  const [p50, , max] = figures(took);
  const overdue = took.filter((it) => it > bound).length + (times - complete);
  return { row: [name, ends.length, complete, p50, max, checks.length, accepted], overdue };
}

function isAfterItsEnd(it: Operation, ends: readonly Operation[]): boolean {
  const session = it.presented?.session;
  return ends.some(({ ends, end }) => ends?.what === "session" && ends.session === session && it.start > end);
}

/** Checks that wait for a node which stands still. */
const pending: Promise<unknown>[] = [];

async function confirmOne(world: World, absent: number | undefined): Promise<void> {
  const present = world.nodes.map((_, node) => node).filter((node) => node !== absent);
  const person = world.random.pick(world.people);
  const held = person && (await signIn(world, person, present[0]));
  if (person === undefined || held === undefined) return;
  // Remembered by each that can be asked.
  for (const node of present) await check(world, person, held.now, node);
  const call = world.subject.revokeSession(person.id, held.id, true);
  const ends = { what: "session", session: held.id } as const;
  const meant = {
    kind: "end",
    name: "revoke-session",
    user: person.id,
    ends,
    node: present[0] ?? 0,
  } as const;
  await perform(world, call, meant, {
    learn: (reply) => (world.subject.isComplete(reply) ? { complete: true } : {}),
  });
  for (const node of present) await check(world, person, held.now, node);
  if (absent !== undefined) pending.push(check(world, person, held.now, absent));
}
