import type { Store } from "../../../types.ts";
import type { StepRunner } from "../script.ts";
import { listAudit, writeAudit } from "../steps/audit.ts";
import * as keys from "../steps/keys/keys.ts";
import { listKeys } from "../steps/keys/list-keys.ts";

type Methods = "listKeys" | "addFirstKey" | "rotateKey" | "resealKey" | "appendAudit" | "listAudit";

/** The port's methods of keys, and of the audit log. */
export function keyMethods({ read, write }: StepRunner): Pick<Store, Methods> {
  return {
    listKeys: () => read(listKeys),
    addFirstKey: (key) => write((scope) => keys.addFirstKey(scope, key)),
    rotateKey: (rotation) => write((scope) => keys.rotateKey(scope, rotation)),
    resealKey: (id, from, to) => write((scope) => keys.resealKey(scope, id, from, to)),
    appendAudit: (entry) => write((scope) => writeAudit(scope, entry)),
    listAudit: (query) => read((scope) => listAudit(scope, query)),
  };
}
