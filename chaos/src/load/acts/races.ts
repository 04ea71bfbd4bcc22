import { setTimeout as sleep } from "node:timers/promises";
import type { Held, Person, World } from "../world.ts";
import { ban, changePassword, endSession } from "./endings.ts";
import { check, refresh, refreshWith, signIn, take, work } from "./sessions.ts";

/** Refreshes of one token at once. */
const burst = 25;

/** C6: many requests with one refresh token at the same moment, over all nodes. */
export async function refreshAtOnce(world: World, held: Held): Promise<void> {
  const { refresh: token } = held;
  if (token === null || held.busy || held.key !== undefined) return;
  held.busy = true;
  const replies = await Promise.all(
    Array.from({ length: burst }, (_, index) =>
      refreshWith(world, held, token, undefined, { node: index % world.nodes.length }),
    ),
  );
  const done = replies.find(({ outcome }) => outcome === "done");
  if (done !== undefined) take(world, held, done);
  held.busy = false;
}

/** C5: the answer is lost, at some moment, and the client asks again until it has one. */
export async function refreshAndLose(world: World, held: Held): Promise<void> {
  if (held.refresh === null) return;
  await refresh(world, held, world.random.between(0, 12));
  await refresh(world, held);
}

/** C7: somebody signs out, or is banned, or changes the password, while slow requests are under way. */
export async function endWhileAtWork(world: World, held: Held): Promise<void> {
  const { random } = world;
  const slow = [work(world, held, 60), work(world, held, random.between(0, 60)), refresh(world, held)];
  await sleep(random.between(0, 40));
  const ends = {
    session: () => endSession(world, held),
    ban: () => ban(world, held.person, () => signInWhile(world, held.person)),
    password: () => changePassword(world, held),
  };
  const weights = world.subject.isWhole
    ? { session: 4, ban: 1, password: 1 }
    : { session: 4, ban: 1, password: 0 };
  const credential = held.now;
  await Promise.all([ends[random.weighted(weights)](), signIn(world, held.person)]);
  await Promise.all(slow);
  await Promise.all(world.nodes.map((_, node) => check(world, held.person, credential, node)));
}

/** Signing in while banned must not work, on any node. */
export async function signInWhile(world: World, person: Person): Promise<void> {
  await Promise.all(world.nodes.map((_, node) => signIn(world, person, node)));
}
