import type { Store } from "../../../types.ts";
import type { StepRunner } from "../script.ts";
import { listAudit, writeAudit } from "../steps/audit.ts";
import { endEverything } from "../steps/everything.ts";
import * as keys from "../steps/keys/keys.ts";
import { listKeys } from "../steps/keys/list-keys.ts";

type Methods =
  | "listKeys"
  | "addFirstKey"
  | "rotateKey"
  | "resealKey"
  | "appendAudit"
  | "listAudit"
  | "endEverything";

/** The port's methods of keys, of the audit log, and of what concerns everybody. */
export function keyMethods({ read, write }: StepRunner): Pick<Store, Methods> {
  return {
    listKeys: () => read(listKeys),
    addFirstKey: (key) => write((scope) => keys.addFirstKey(scope, key)),
    rotateKey: (rotation) => write((scope) => keys.rotateKey(scope, rotation)),
    resealKey: (id, from, to) => write((scope) => keys.resealKey(scope, id, from, to)),
    appendAudit: (entry) => write((scope) => writeAudit(scope, entry)),
    endEverything: (options = {}) => write((scope) => endEverything(scope, options)),
    listAudit: (query) => read((scope) => listAudit(scope, query)),
  };
}
