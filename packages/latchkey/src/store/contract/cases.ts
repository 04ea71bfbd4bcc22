import { endingCases } from "./ending.ts";
import { keyCases } from "./keys.ts";
import { passwordCases } from "./passwords.ts";
import { raceCases } from "./races.ts";
import { sessionCases } from "./sessions.ts";
import { signInCases } from "./sign-in.ts";
import type { ContractCase } from "./stage/scene.ts";
import { userCases } from "./users.ts";

/** All that the port says. */
export const cases: readonly ContractCase[] = [
  ...userCases,
  ...signInCases,
  ...sessionCases,
  ...endingCases,
  ...passwordCases,
  ...keyCases,
  ...raceCases,
];
