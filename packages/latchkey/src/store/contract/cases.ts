import { accountCases } from "./accounts/cases.ts";
import { firstKeyCases } from "./keys/first.ts";
import { raceCases } from "./races.ts";
import { sessionCases } from "./sessions/cases.ts";
import type { ContractCase } from "./stage/scene.ts";

/** All that the port says. */
export const cases: readonly ContractCase[] = [
  ...accountCases,
  ...sessionCases,
  ...firstKeyCases,
  ...raceCases,
];
