import { setTimeout as sleep } from "node:timers/promises";
import * as endings from "./acts/endings.ts";
import * as races from "./acts/races.ts";
import * as sessions from "./acts/sessions.ts";
import { type Act, type LoadName, weightsOf } from "./weights.ts";
import type { Held, Person, World } from "./world.ts";

/** What not every subject can. */
const whole: readonly Act[] = ["refresh", "refreshAndLose", "refreshAtOnce", "setRole", "changePassword"];

/** How many accounts and sessions there are, about. */
const size = { people: 30, sessions: 250 };

/** Operations begun at a time, at most: what a stopped store holds up must not pile up without end. */
const most = 200;

/** Makes the first accounts. */
export async function populate(world: World): Promise<void> {
  while (world.people.length < size.people && !world.isOver) await sessions.signUp(world);
}

/** Begins so many acts a second until the world is over, and waits for those under way. */
export async function load(world: World, name: LoadName, rate: number): Promise<void> {
  const weights = allowedOf(world, name);
  const running = new Set<Promise<void>>();
  const began = performance.now();
  let begun = 0;
  while (!world.isOver) {
    const due = ((performance.now() - began) / 1000) * rate;
    // After a stall the load goes on at its pace; it does not make up for what was missed.
    if (due - begun > rate) begun = due - rate / 10;
    for (; begun < due && running.size < most; begun++) {
      const act = actOnce(world, weights).finally(() => running.delete(act));
      running.add(act);
    }
    await sleep(4);
  }
  await Promise.all(running);
}

function allowedOf({ subject }: World, name: LoadName): Weights {
  const all = Object.entries(weightsOf(name));
  return Object.fromEntries(all.filter(([act]) => subject.isWhole || !whole.includes(act as Act)));
}

type Weights = { readonly [act in Act]?: number };

async function actOnce(world: World, weights: Weights): Promise<void> {
  const act = world.random.weighted(weights as { readonly [act in Act]: number });
  const held = world.random.pick(world.live);
  const person = world.random.pick(world.people.filter(({ password }) => password !== null));
  if (act === "checkEnded") return checkEnded(world);
  if (person === undefined || world.people.length < size.people) return sessions.signUp(world);
  if (act === "signIn" || held === undefined) {
    if (world.live.length < size.sessions) await sessions.signIn(world, person);
    return;
  }
  await acts[act]({ world, held, person });
}

interface Scene {
  readonly world: World;
  readonly held: Held;
  readonly person: Person;
}

const acts: { readonly [act in Exclude<Act, "checkEnded" | "signIn">]: (scene: Scene) => Promise<void> } = {
  check: ({ world, held }) => sessions.checkHeld(world, held),
  get: ({ world, held }) => sessions.get(world, held),
  work: ({ world, held }) => sessions.work(world, held, world.random.between(0, 50)),
  refresh: ({ world, held }) => sessions.refresh(world, held),
  refreshAndLose: ({ world, held }) => races.refreshAndLose(world, held),
  refreshAtOnce: ({ world, held }) => races.refreshAtOnce(world, held),
  endWhileAtWork: ({ world, held }) => races.endWhileAtWork(world, held),
  endSession: ({ world, held }) => endings.endSession(world, held),
  endOthers: ({ world, held }) => endings.endOthers(world, held),
  changePassword: ({ world, held }) => endings.changePassword(world, held),
  endUser: ({ world, person }) => endings.endUser(world, person),
  setRole: ({ world, person }) => endings.setRole(world, person),
  ban: ({ world, person }) => endings.ban(world, person, () => races.signInWhile(world, person)),
};

/** Of those that have expired by themselves as well, so many are tried. */
const expired = 0.2;

/** What has ended is tried again, mostly what ended lately. */
async function checkEnded(world: World): Promise<void> {
  const { ended, random } = world;
  const back = random.next() < 0.5 ? 30 : ended.length;
  const one = ended[ended.length - 1 - random.below(Math.max(1, Math.min(back, ended.length)))];
  const expires = one?.credential.presented.expires ?? Number.POSITIVE_INFINITY;
  if (one !== undefined && (expires > performance.now() || random.next() < expired))
    await sessions.check(world, one.person, one.credential);
}
