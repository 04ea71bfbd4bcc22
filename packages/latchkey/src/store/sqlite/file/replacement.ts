import { rmSync, statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { openConnection } from "../connection.ts";
import { type Companion, type FileGuard, markOf, readHeader } from "./guard.ts";

/** What may have been put in the place of a database that was open. */
export interface Replacement {
  /** Whether a whole database of the same lineage lies there that nobody has written to for a while. */
  isReady(): boolean;
  /** Removes the log of the one that was open: SQLite would play it into the one that has taken its place. */
  clear(): void;
}

/** Somebody may still be copying. In ms. */
const still = 1000;

/** Looks at what lies at the path, once the database that was open does not any more. */
export function makeReplacement(path: string, lineage: string, guard: FileGuard): Replacement {
  let seen = "";
  let since = 0;
  return {
    isReady() {
      const found = statSync(path, { throwIfNoEntry: false });
      const look = found === undefined ? "" : [markOf(found), found.size, found.mtimeMs].join();
      if (look !== seen) [seen, since] = [look, performance.now()];
      if (found === undefined || performance.now() - since < still) return false;
      since = performance.now();
      return markOf(found) !== guard.mark && isWhole(path, lineage, found.size);
    },
    clear: () => removeCompanions(guard.companions),
  };
}

function isWhole(path: string, lineage: string, size: number): boolean {
  const raw = openConnection(`${pathToFileURL(path).href}?immutable=1`);
  try {
    raw.exec("pragma writable_schema = on");
    const header = readHeader(raw);
    return header.lineage === lineage && size >= header.size;
  } catch {
    return false;
  } finally {
    raw.close();
  }
}

/** Only those that were open: others belong to what lies there now. */
export function removeCompanions(companions: readonly Companion[]): void {
  for (const { name, opened } of companions) {
    const found = statSync(name, { throwIfNoEntry: false });
    if (found !== undefined && markOf(found) === markOf(opened)) rmSync(name, { force: true });
  }
}
