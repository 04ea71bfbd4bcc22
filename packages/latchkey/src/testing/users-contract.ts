import type { ExternalUser, UsersPort } from "../types.ts";
import { cases } from "./users/cases.ts";

/** A user as the application makes one by ways of its own. */
export interface PersonUnderTest {
  /** In any spelling: capitals, say, as a person may type them. */
  readonly email: string;
  readonly password: string;
  readonly name?: string | null;
  /** For a table that keeps roles. */
  readonly roles?: readonly string[];
  /** For a table that keeps bans. */
  readonly status?: ExternalUser["status"];
}

/** A users table to be put to the test. */
export interface UsersUnderTest {
  /** Over a table without rows. */
  readonly users: UsersPort;
  /** Another port over the same table, e.g. over a connection of its own. */
  readonly second?: UsersPort;
  /** Puts a user into the table, not by the port but as the application does, and tells the id. */
  add(person: PersonUnderTest): Promise<string>;
  /** Changes a user there; what is left out stays. */
  change(id: string, members: Partial<Omit<PersonUnderTest, "password">>): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  /** Closes what was opened and removes the data. */
  dispose(): Promise<unknown>;
}

/** Input of {@link usersContract}. */
export interface UsersContractOptions {
  /** Registers one test with the runner at hand; `test` of vitest, `node:test`, Jest and Mocha fit. */
  readonly test: (name: string, run: () => Promise<void>) => unknown;
  /** Opens a table. Called once for each test. */
  readonly open: () => Promise<UsersUnderTest>;
}

/**
 * The suite that every `users` port must pass: each sentence of its docblocks, alone and in parallel. Of optional
 * methods and members that are not there it proves nothing.
 */
export function usersContract({ test, open }: UsersContractOptions): void {
  for (const [sentence, prove] of cases) {
    test(sentence, async () => {
      const table = await open();
      try {
        await prove({ ...table, table, handles: [table.users, table.second ?? table.users] });
      } finally {
        await table.dispose();
      }
    });
  }
}
