import type { CryptoDoor, NodeCrypto } from "./crypto/door.ts";
import { nodeDoor } from "./crypto/node.ts";
import { webDoor } from "./crypto/web.ts";
import { builtin } from "./runtime/builtin.ts";

/** Cloudflare's own, which `nodejs_compat` switches on, is passed over: it signs with no key that comes with options. */
function findNodeCrypto(): NodeCrypto | undefined {
  return globalThis.navigator?.userAgent === "Cloudflare-Workers" ? undefined : builtin("node:crypto");
}

/** The door of this runtime. */
export const crypto: CryptoDoor = chooseDoor(findNodeCrypto());

function chooseDoor(node: NodeCrypto | undefined): CryptoDoor {
  return node === undefined ? webDoor(globalThis.crypto.subtle) : nodeDoor(node);
}
