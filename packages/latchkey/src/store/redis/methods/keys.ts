import type { Store, StoredKey } from "../../../types.ts";
import { type KeyRow, toKey } from "../rows/key.ts";
import type { Run } from "../run/run.ts";
import { appendAudit } from "../scripts/audit.ts";
import * as scripts from "../scripts/keys.ts";
import { auditInput } from "./input.ts";
import { listAudit } from "./list.ts";

type Methods = "listKeys" | "addFirstKey" | "rotateKey" | "resealKey" | "appendAudit" | "listAudit";

/** The port's methods of keys, and of the audit log. */
export function keyMethods(run: Run): Pick<Store, Methods> {
  return {
    async listKeys() {
      const found = await run<{ keys: readonly KeyRow[]; keysVersion: number }>("read", scripts.listKeys, {});
      return { ...found, keys: found.keys.map(toKey).sort(oldestFirst) };
    },
    async addFirstKey(key) {
      return (await run<{ done: boolean }>("revoke", scripts.addFirstKey, { key })).done;
    },
    async rotateKey({ audit, ...rotation }) {
      const input = { ...rotation, audit: auditInput(audit) };
      return toKey((await run<{ key: KeyRow }>("revoke", scripts.rotateKey, input)).key);
    },
    async resealKey(id, from, to) {
      return (await run<{ done: boolean }>("step", scripts.resealKey, { id, from, to })).done;
    },
    async appendAudit(entry) {
      await run("step", appendAudit, { audit: auditInput(entry) });
    },
    listAudit: (query) => listAudit(run, query),
  };
}

function oldestFirst(a: StoredKey, b: StoredKey): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}
