import type { ContractCase } from "../stage/scene.ts";
import { exchangeCases } from "./exchanges.ts";
import { kindCases } from "./kinds.ts";
import { leaseCases } from "./leases.ts";
import { logRaceCases } from "./races.ts";
import { logCases } from "./reading.ts";
import { restoreCases } from "./restore.ts";

/** The change log. */
export const changeCases: readonly ContractCase[] = [
  ...kindCases,
  ...exchangeCases,
  ...logCases,
  ...leaseCases,
  ...restoreCases,
  ...logRaceCases,
];
