import { setTimeout as sleep } from "node:timers/promises";
import type { Ending } from "../../history/types.ts";
import { passwordOf } from "../../node/settings.ts";
import type { Call, Reply } from "../http.ts";
import { bury, entomb, type Held, type Meant, type Person, perform, type World } from "../world.ts";
import { take } from "./sessions.ts";
import { watch } from "./watch.ts";

/** How many of those that can be are asked to be confirmed. */
const confirmed = 0.25;
/** How many are watched until every node refuses. */
const watched = 0.5;

/** Ends something, and puts away what was ended. */
async function end(
  world: World,
  call: Call,
  meant: Omit<Meant, "kind"> & { readonly ends: Ending },
): Promise<Reply> {
  // What is signed in while this is under way may come after it.
  const before = world.live.filter((held) => held.person.id === meant.user && isEndedBy(held, meant.ends));
  const reply = await perform(
    world,
    call,
    { kind: "end", ...meant },
    {
      learn: (answer) => (world.subject.isComplete(answer) ? { complete: true } : {}),
    },
  );
  if (reply.outcome === "done") for (const held of before) bury(world, held);
  return reply;
}

function isEndedBy({ id }: Held, ends: Ending): boolean {
  if (ends.what === "session") return ends.session === id;
  return ends.what === "user" || ends.keep !== id;
}

/** Ends one session, by its own client or by the administrator. */
export async function endSession(world: World, held: Held): Promise<void> {
  const { subject, random } = world;
  const { person, id, now } = held;
  const ends = { what: "session", session: id } as const;
  const isWatched = random.next() < watched;
  const common = { user: person.id, ends, watched: isWatched };
  const reply =
    random.next() < 0.5
      ? await end(world, subject.signOut(now.carried), {
          ...common,
          name: "sign-out",
          presented: now.presented,
        })
      : await end(world, subject.revokeSession(person.id, id, random.next() < confirmed), {
          ...common,
          name: "revoke-session",
        });
  if (reply.outcome === "done" && isWatched) await watch(world, person, now);
}

/** Does something to the whole account, if nobody else is at it. */
async function alone(person: Person, act: () => Promise<unknown>): Promise<void> {
  if (person.busy) return;
  person.busy = true;
  await act();
  person.busy = false;
}

export function endOthers(world: World, { person, id, now }: Held): Promise<void> {
  return alone(person, () =>
    end(world, world.subject.revokeOthers(now.carried, id, person.id, world.random.next() < confirmed), {
      name: "revoke-other-sessions",
      user: person.id,
      presented: now.presented,
      ends: { what: "others", keep: id },
    }),
  );
}

export function endUser(world: World, person: Person): Promise<void> {
  return alone(person, () =>
    end(world, world.subject.revokeUser(person.id, world.random.next() < confirmed), {
      name: "revoke-user-sessions",
      user: person.id,
      ends: { what: "user" },
    }),
  );
}

/** Bans, for as long as it takes, and unbans. */
export function ban(world: World, person: Person, meanwhile: () => Promise<unknown>): Promise<void> {
  return alone(person, async () => {
    await end(world, world.subject.ban(person.id, world.random.next() < confirmed), {
      name: "ban",
      user: person.id,
      ends: { what: "user" },
      bans: true,
    });
    await meanwhile();
    for (let attempt = 0; attempt < 100 && !world.isOver; attempt++) {
      const meant = { kind: "unban", name: "unban", user: person.id } as const;
      const reply = await perform(world, world.subject.unban(person.id), meant);
      if (reply.outcome === "done") return;
      await sleep(100);
    }
  });
}

export function setRole(world: World, person: Person): Promise<void> {
  return alone(person, async () => {
    const { random, subject } = world;
    const roles = random.pick(["", "editor"]) ?? "";
    const call = subject.setRole(person.id, roles, random.next() < confirmed);
    const meant = { kind: "set-role", name: "set-role", user: person.id, roles } as const;
    await perform(world, call, meant, {
      learn: (reply) => (subject.isComplete(reply) ? { complete: true } : {}),
    });
  });
}

/** Changes the password from one session, which gets a new credential. */
export function changePassword(world: World, held: Held): Promise<void> {
  const { person } = held;
  return alone(person, async () => {
    const { password } = person;
    if (password === null || held.busy) return;
    held.busy = true;
    const [from, to] = [passwordOf(password), passwordOf(password + 1)];
    const reply = await end(world, world.subject.changePassword(held.now.carried, from, to), {
      name: "change-password",
      user: person.id,
      presented: held.now.presented,
      ends: { what: "renewal", keep: held.id },
      password: password + 1,
    });
    if (reply.outcome === "done") {
      person.password = password + 1;
      entomb(world, held);
      take(world, held, reply);
      held.key = undefined;
    } else if (reply.outcome !== "refused") {
      // Nobody can tell which password it is: the account is left alone from now on.
      person.password = null;
      bury(world, held);
    }
    held.busy = false;
  });
}
