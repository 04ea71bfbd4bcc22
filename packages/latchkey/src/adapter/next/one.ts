import type { Auth } from "../../types.ts";

const place = Symbol.for("latchkey.next.1");

/**
 * The one `Auth` of this process. Next loads a module several times: for the proxy, for pages, for routes, and anew after
 * each edit while developing. Each would have a database connection of its own, and a memory store that knows nothing of
 * the others' users. `name`: where an application has more than one.
 */
export function oneAuth(make: () => Auth, name = "auth"): Auth {
  const found: unknown = Reflect.get(globalThis, place);
  const kept = found instanceof Map ? (found as Map<string, Auth>) : new Map<string, Auth>();
  if (found !== kept) Reflect.set(globalThis, place, kept);
  const auth = kept.get(name) ?? make();
  kept.set(name, auth);
  return auth;
}
