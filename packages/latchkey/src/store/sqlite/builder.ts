import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from "kysely";
import type { Schema } from "../sql/schema.ts";

/** SQLite has no row locks: a step that writes holds the whole database, so `for update` is left out. */
class WithoutRowLocks extends SqliteQueryCompiler {
  protected override visitSelectModifier(): void {}
}

/** Builds and compiles statements; runs none. Kysely's own driver would put an `await` into every step (P34). */
export function makeBuilder(): Kysely<Schema> {
  return new Kysely({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new WithoutRowLocks(),
    },
  });
}
