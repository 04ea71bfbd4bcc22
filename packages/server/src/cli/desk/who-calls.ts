import { userInfo } from "node:os";
import type { CallContext } from "latchkey";

/**
 * What the audit log keeps of a command: nobody is signed in, so there is no actor, but the entry says that it came
 * from here and as whom the operating system knew the caller. Whoever may write the database may also lie to its log.
 */
export function whoCalls(): CallContext {
  const sudoUser = process.env.SUDO_USER;
  const detail = { via: "command line", osUser: osUser(), ...(sudoUser ? { sudoUser } : {}) };
  return { detail };
}

/** The account's name, or its number where it has none, as in many containers. */
function osUser(): string | null {
  try {
    return userInfo().username;
  } catch {
    const id = process.getuid?.();
    return id === undefined ? null : String(id);
  }
}
