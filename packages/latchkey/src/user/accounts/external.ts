import type { UsersPort } from "../../types.ts";
import type { AccountParts, Accounts } from "./accounts.ts";
import { changeWith } from "./external/change.ts";
import { userChanged } from "./external/changed.ts";
import { knownTo } from "./external/known.ts";
import { signInWith } from "./external/sign-in.ts";
import { noteOf, type Sides, syncNow } from "./external/sync.ts";
import { openTable } from "./external/table.ts";

/**
 * Accounts in the application's own table (P39). Its word is taken at sign-in, at refresh, and when it says that
 * something changed; every check goes by our record.
 */
export function externalAccounts(parts: AccountParts, port: UsersPort): Accounts {
  const sides: Sides = { ...parts, table: openTable(port) };
  return {
    ...signInWith(sides),
    ...changeWith(sides),
    lacks: sides.table.lacks,
    async bringUpToDate(user) {
      if (user !== undefined) await syncNow(sides, user.id, noteOf({}), user);
    },
    changed: (userId, call) => userChanged(sides, userId, call),
    known: (userId, step) => knownTo(sides, userId, step),
  };
}
