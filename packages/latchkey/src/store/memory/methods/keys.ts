import type { Store } from "../../../types.ts";
import { appendAudit, listAudit } from "../audit.ts";
import * as keys from "../keys.ts";
import type { Run } from "../tables.ts";

type Methods = "listKeys" | "addFirstKey" | "rotateKey" | "resealKey" | "appendAudit" | "listAudit";

/** The port's methods of keys, and of the audit log. */
export function keyMethods(run: Run): Pick<Store, Methods> {
  return {
    listKeys: () => run(keys.listKeys),
    addFirstKey: (key) => run((t, now) => keys.addFirstKey(t, key, now)),
    rotateKey: (rotation) => run((t, now) => keys.rotateKey(t, rotation, now)),
    resealKey: (id, from, to) => run((t) => keys.resealKey(t, id, from, to)),
    appendAudit: (entry) => run((t, now) => appendAudit(t, entry, now)),
    listAudit: (query) => run((t) => listAudit(t, query)),
  };
}
