import type { ExternalUser, UsersPort } from "../../types.ts";
import type { PersonUnderTest, UsersUnderTest } from "../users-contract.ts";

/** What one case runs on. */
export interface Scene {
  readonly table: UsersUnderTest;
  readonly users: UsersPort;
  /** Two ports over one table, if there are two; races use both by turns. */
  readonly handles: readonly [UsersPort, UsersPort];
}

/** One sentence of the port's docblocks, and the proof. */
export type UsersCase = readonly [sentence: string, prove: (scene: Scene) => Promise<void>];

/** Nobody's: no table of users has this id. */
export const nobody = "nobody-has-this-id";

/** Somebody to put into the table. */
export function aPerson(wanted: Partial<PersonUnderTest> = {}): PersonUnderTest {
  const password = "correct horse battery staple";
  return { email: "ada@example.test", password, name: "Ada", roles: ["editor"], ...wanted };
}

/** Puts somebody into the table and finds them there. */
export async function addAndFind(
  { table, users }: Scene,
  wanted: Partial<PersonUnderTest> = {},
): Promise<ExternalUser> {
  return found(await users.findById(await table.add(aPerson(wanted))), "by the id that was told");
}

/** Somebody, and not nobody. */
export function found(user: ExternalUser | null | undefined, what: string): ExternalUser {
  if (user === null || user === undefined) throw new Error(`${what}: nobody was found`);
  return user;
}

/** Starts `count` calls at once, by turns on both ports. */
export function atOnce<Answer>(
  count: number,
  handles: readonly [UsersPort, UsersPort],
  call: (users: UsersPort, i: number) => Answer | Promise<Answer>,
): Promise<Answer[]> {
  return Promise.all(Array.from({ length: count }, async (_, i) => call(handles[i % 2 === 0 ? 0 : 1], i)));
}
