import type { Client } from "../../types.ts";

/** Whether people may hold refresh tokens of the client: also those from a strategy, or a setting, that it is leaving. */
export function hasRefreshTokens({ accept }: Pick<Client, "accept">): boolean {
  return accept.some((strategy) => strategy.startsWith("jwt"));
}
