import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock, Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { sqliteStore } from "latchkey/sqlite";

/** A kind of store that the HTTP tests run over. */
export interface StoreKind {
  readonly name: string;
  open(clock?: Clock): OpenedStore;
}

/** A store without rows, and what removes it. */
export interface OpenedStore {
  readonly store: Store;
  /** The database's file; undefined where everything is in memory. */
  readonly file?: string;
  remove(): void;
}

const memory: StoreKind = {
  name: "memory",
  open: (clock) => ({ store: memoryStore(clock && { clock }), remove: () => undefined }),
};

const sqlite: StoreKind = {
  name: "sqlite",
  open(clock) {
    const directory = makeDirectory();
    const file = join(directory.path, "latchkey.db");
    return { store: sqliteStore(file, clock && { clock }), file, remove: directory.remove };
  },
};

/** Every kind: each test of behaviour runs over all of them. */
export const stores: readonly StoreKind[] = [memory, sqlite];

/** For what is about a file. */
export const sqliteOnly: StoreKind = sqlite;

/** A directory of one's own. */
export function makeDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "latchkey-http-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
