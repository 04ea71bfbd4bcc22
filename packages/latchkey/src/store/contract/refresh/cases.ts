import type { ContractCase } from "../stage/scene.ts";
import { outcomeCases } from "./outcomes.ts";
import { refreshRaceCases } from "./races.ts";
import { refusedCases } from "./refused.ts";

/** Refresh tokens. */
export const refreshCases: readonly ContractCase[] = [...outcomeCases, ...refusedCases, ...refreshRaceCases];
