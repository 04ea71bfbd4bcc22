import { accountCases } from "./accounts/cases.ts";
import { auditCases } from "./audit/cases.ts";
import { changeCases } from "./changes/cases.ts";
import { keyCases } from "./keys/cases.ts";
import { raceCases } from "./races.ts";
import { refreshCases } from "./refresh/cases.ts";
import { sessionCases } from "./sessions/cases.ts";
import type { ContractCase } from "./stage/scene.ts";

/** All that the port says. */
export const cases: readonly ContractCase[] = [
  ...accountCases,
  ...sessionCases,
  ...refreshCases,
  ...keyCases,
  ...auditCases,
  ...raceCases,
  ...changeCases,
];
