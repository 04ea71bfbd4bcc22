import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StoreServer } from "./store.ts";

export function sqliteFile(): StoreServer {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-chaos-db-"));
  const address = join(folder, "chaos.db");
  const stop = async (): Promise<void> => rmSync(folder, { recursive: true, force: true });
  return { name: "sqlite", address, addressOf: () => address, wires: [], server: undefined, stop };
}
