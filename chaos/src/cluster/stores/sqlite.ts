import { join } from "node:path";
import { makeFolder, removeFolder } from "../folder.ts";
import type { StoreServer } from "./store.ts";

export function sqliteFile(): StoreServer {
  const folder = makeFolder("latchkey-chaos-db-");
  const address = join(folder, "chaos.db");
  const stop = async (): Promise<void> => removeFolder(folder);
  return { name: "sqlite", address, addressOf: () => address, wires: [], server: undefined, stop };
}
