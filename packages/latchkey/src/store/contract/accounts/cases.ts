import type { ContractCase } from "../stage/scene.ts";
import { guardCases } from "./guard.ts";
import { listUsersCases } from "./list-users.ts";
import { passwordCases } from "./passwords.ts";
import { syncCases } from "./sync.ts";
import { syncFromCases } from "./sync-from.ts";
import { twoLocksCases } from "./two-locks.ts";
import { userCases } from "./users.ts";

/** Users. */
export const accountCases: readonly ContractCase[] = [
  ...userCases,
  ...passwordCases,
  ...guardCases,
  ...syncCases,
  ...syncFromCases,
  ...twoLocksCases,
  ...listUsersCases,
];
