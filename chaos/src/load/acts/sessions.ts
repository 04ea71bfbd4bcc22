import { passwordOf } from "../../node/settings.ts";
import type { Reply } from "../http.ts";
import { bury, type Credential, type Held, markOf, type Person, perform, type World } from "../world.ts";

let people = 0;

/** Makes an account, and its first session. */
export async function signUp(world: World): Promise<void> {
  const email = `person-${people++}@example.com`;
  const strategy = world.random.pick(world.subject.strategies) ?? "";
  const account = { email, password: passwordOf(0) };
  // Until it is answered nobody knows the user's id: it is none of those that are judged.
  const meant = { kind: "sign-in", name: "sign-up", user: email } as const;
  const reply = await perform(world, world.subject.signUp(account, strategy), meant, {
    learn: (answer) => {
      const { user, session } = world.subject.opened(answer);
      return { user, made: session };
    },
  });
  if (reply.outcome !== "done") return;
  const person = { email, id: world.subject.opened(reply).user, password: 0, busy: false };
  world.people.push(person);
  hold(world, person, strategy, reply);
}

export async function signIn(world: World, person: Person, node?: number): Promise<Held | undefined> {
  const { password, email, id } = person;
  if (password === null) return undefined;
  const strategy = world.random.pick(world.subject.strategies) ?? "";
  const call = world.subject.signIn({ email, password: passwordOf(password) }, strategy);
  const meant = { kind: "sign-in", name: "sign-in", user: id, password } as const;
  const reply = await perform(world, call, node === undefined ? meant : { ...meant, node }, {
    learn: (answer) => ({ made: world.subject.opened(answer).session }),
  });
  return reply.outcome === "done" ? hold(world, person, strategy, reply) : undefined;
}

function hold(world: World, person: Person, strategy: string, reply: Reply): Held {
  const { session: id } = world.subject.opened(reply);
  const { now, refresh } = credentialsOf(world, id, strategy, reply);
  const held: Held = { id, person, strategy, now, refresh, key: undefined, busy: false };
  world.live.push(held);
  return held;
}

/** What an answer gave, as it will be presented. */
function credentialsOf(
  world: World,
  session: string,
  strategy: string,
  reply: Reply,
): Pick<Held, "now" | "refresh"> {
  const { carried, refreshToken } = world.subject.opened(reply);
  const presented = { session, strategy, madeFrom: reply.start, madeBy: reply.end };
  return {
    now: { carried, presented: { ...presented, expires: carried.expires } },
    refresh:
      refreshToken === null ? null : { token: refreshToken, presented: { ...presented, expires: null } },
  };
}

/** The check of an application's page. */
export async function check(
  world: World,
  person: Person,
  { carried, presented }: Credential,
  node?: number,
): Promise<Reply> {
  const meant = { kind: "check", name: "check", user: person.id, presented } as const;
  return perform(world, world.subject.check(carried), node === undefined ? meant : { ...meant, node }, {
    learn: (reply) => {
      const roles = world.subject.rolesIn(reply);
      return roles === undefined ? {} : { roles };
    },
  });
}

/** A check of a session that should hold; one that does not is put away. */
export async function checkHeld(world: World, held: Held): Promise<void> {
  const credential = held.now;
  const reply = await check(world, held.person, credential);
  if (reply.code === "access_expired") await refresh(world, held);
  else if (reply.outcome === "refused" && held.now === credential) bury(world, held);
}

export async function get(world: World, held: Held): Promise<void> {
  const { carried, presented } = held.now;
  const meant = { kind: "get", name: "get-session", user: held.person.id, presented } as const;
  await perform(world, world.subject.get(carried), meant, {
    learn: (reply) => {
      // Nobody is signed in: an answer of its own, and a refusal.
      if (reply.body === null) return { outcome: "refused", status: 401, code: "session_ended" };
      return { seen: world.subject.seenIn(reply) };
    },
  });
}

let members = 0;

/** Writes something of its own into the session's data, slowly. */
export async function work(world: World, held: Held, milliseconds: number): Promise<void> {
  const { carried, presented } = held.now;
  const wrote = `m${members++}`;
  const meant = { kind: "work", name: "work", user: held.person.id, presented, wrote } as const;
  await perform(world, world.subject.work(carried, wrote, milliseconds), meant);
}

let keys = 0;

/**
 * The next pair of tokens, asked for by the one client that has this one: until it is answered, again with the same key.
 * With `cutAfter` the answer is lost.
 */
export async function refresh(world: World, held: Held, cutAfter?: number): Promise<void> {
  const { refresh: token } = held;
  if (token === null || held.busy) return;
  held.busy = true;
  held.key ??= `key-${keys++}`;
  const reply = await refreshWith(world, held, token, held.key, { cutAfter });
  if (reply.outcome === "done") {
    held.key = undefined;
    take(world, held, reply);
  } else if (reply.outcome === "refused") bury(world, held);
  held.busy = false;
}

/** One request with a refresh token. */
export function refreshWith(
  world: World,
  { person }: Held,
  { token, presented }: NonNullable<Held["refresh"]>,
  key: string | undefined,
  how: { readonly node?: number; readonly cutAfter?: number | undefined },
): Promise<Reply> {
  const meant = {
    kind: "refresh",
    name: "refresh",
    user: person.id,
    presented,
    parent: markOf(token),
  } as const;
  const at = how.node === undefined ? {} : { node: how.node };
  return perform(
    world,
    world.subject.refresh(token, key),
    { ...meant, ...at, ...(key === undefined ? {} : { key }) },
    {
      learn: (reply) => ({ successor: markOf(world.subject.opened(reply).refreshToken ?? "") }),
      cutAfter: how.cutAfter,
    },
  );
}

/** From now on the client holds what an answer gave. */
export function take(world: World, held: Held, reply: Reply): void {
  const before = held.refresh;
  const { now, refresh: next } = credentialsOf(world, held.id, held.strategy, reply);
  held.now = now;
  held.refresh = before !== null && next?.token === before.token ? before : next;
}
