import type { LogDriver } from "./methods/changes.ts";
import type { Asked, Scope } from "./script.ts";

/** What a database is to this room. */
export interface SqlDriver extends LogDriver {
  readonly db: Scope["db"];
  /** What the statement of a check asks, compiled once: `now` stands for the clock where it is not the database's. */
  ask(now: string): Pick<Asked, "now" | "lineage">;
}
