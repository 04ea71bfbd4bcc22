import type { ContractCase } from "../stage/scene.ts";
import { firstKeyCases } from "./first.ts";
import { rotationCases } from "./rotation.ts";

/** Keys. */
export const keyCases: readonly ContractCase[] = [...firstKeyCases, ...rotationCases];
