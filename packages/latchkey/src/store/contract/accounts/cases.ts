import type { ContractCase } from "../stage/scene.ts";
import { passwordCases } from "./passwords.ts";
import { userCases } from "./users.ts";

/** Users. */
export const accountCases: readonly ContractCase[] = [...userCases, ...passwordCases];
