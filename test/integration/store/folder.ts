import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for a test's database. */
export function makeFolder(): { readonly file: string; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-store-"));
  return { file: join(folder, "app.db"), remove: () => rmSync(folder, { recursive: true, force: true }) };
}
