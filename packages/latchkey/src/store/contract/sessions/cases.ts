import type { ContractCase } from "../stage/scene.ts";
import { endingCases } from "./ending.ts";
import { epochCases } from "./epochs.ts";
import { limitCases } from "./limit.ts";
import { limitRaceCases } from "./limit-races.ts";
import { readingCases } from "./reading.ts";
import { signInCases } from "./sign-in.ts";

/** Sessions. */
export const sessionCases: readonly ContractCase[] = [
  ...signInCases,
  ...readingCases,
  ...endingCases,
  ...epochCases,
  ...limitCases,
  ...limitRaceCases,
];
