import type { ContractCase } from "../stage/scene.ts";
import { logCases } from "./log.ts";
import { writtenCases } from "./written.ts";

/** The audit log. */
export const auditCases: readonly ContractCase[] = [...logCases, ...writtenCases];
