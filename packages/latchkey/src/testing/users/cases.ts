import { changingCases } from "./changing.ts";
import { findingCases } from "./finding.ts";
import { makingCases } from "./making.ts";
import { passwordCases } from "./passwords.ts";
import type { UsersCase } from "./scene.ts";

/** The whole contract. */
export const cases: readonly UsersCase[] = [
  ...findingCases,
  ...passwordCases,
  ...makingCases,
  ...changingCases,
];
