import { createHash } from "node:crypto";
import type { Operation, Presented } from "../history/types.ts";
import type { Random } from "../random.ts";
import type { Carried, Subject } from "../subject/subject.ts";
import { type Call, type Reply, send } from "./http.ts";

/** Someone with an account. What is done to the account itself is done by one at a time. */
export interface Person {
  readonly email: string;
  readonly id: string;
  /** How many times the password was changed; null: nobody knows which it is. */
  password: number | null;
  busy: boolean;
}

/** A credential, and how it is presented. */
export interface Credential {
  readonly carried: Carried;
  readonly presented: Presented;
}

/** A session as its client holds it. */
export interface Held {
  readonly id: string;
  readonly person: Person;
  readonly strategy: string;
  now: Credential;
  refresh: { readonly token: string; readonly presented: Presented } | null;
  /** The key of a refresh that had no answer yet. */
  key: string | undefined;
  /** One refresh or password change at a time. */
  busy: boolean;
}

/** All that the load works on. */
export interface World {
  readonly nodes: readonly { readonly url: string; starved(): number }[];
  readonly subject: Subject;
  readonly random: Random;
  readonly operations: Operation[];
  readonly people: Person[];
  /** Sessions that nobody is known to have ended. */
  readonly live: Held[];
  /** Credentials that should be refused, each for good. */
  readonly ended: { readonly person: Person; readonly credential: Credential }[];
  isOver: boolean;
}

/** What an operation is, but for what the answer says. */
export type Meant = Pick<Operation, "kind" | "name" | "user"> &
  Partial<Omit<Operation, "kind" | "name" | "user" | "start" | "end" | "outcome" | "status" | "code">>;

/** What the answer adds. */
type Learn = (reply: Reply) => Partial<Operation>;

/** Most ended credentials that are tried again. */
const remembered = 3000;

/** Asks a node, any unless `meant` names one, and writes it down. */
export async function perform(
  world: World,
  call: Call,
  meant: Meant,
  { learn, cutAfter }: { readonly learn?: Learn; readonly cutAfter?: number | undefined } = {},
): Promise<Reply> {
  const node = meant.node ?? world.random.below(world.nodes.length);
  const reply = await send(world.nodes[node]?.url ?? "", call, cutAfter);
  const { start, end, outcome, status, code } = reply;
  const learnt = outcome === "done" ? learn?.(reply) : undefined;
  world.operations.push({ ...meant, node, start, end, outcome, status, code, ...learnt });
  return reply;
}

/** It is in no-one's hands any more, and should not be accepted from now on. */
export function bury(world: World, held: Held): void {
  const index = world.live.indexOf(held);
  if (index < 0) return;
  world.live.splice(index, 1);
  entomb(world, held);
}

/** Its credential of this moment is to be tried again later. */
export function entomb({ ended }: World, { person, now }: Held): void {
  ended.push({ person, credential: now });
  if (ended.length > remembered) ended.splice(0, remembered / 10);
}

/** Stands for a token in the history. */
export function markOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url").slice(0, 12);
}
