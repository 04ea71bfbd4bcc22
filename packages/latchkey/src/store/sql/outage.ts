import { LatchkeyError } from "../../errors.ts";
import type { Logger } from "../../types.ts";

/** Reports when the store stops answering and when it answers again: once each, not for every call in between. */
export interface Outage {
  begins(error: unknown): void;
  ends(): void;
}

/** Without a logger nobody is told; the errors say it all the same. `fields` name the database in the log. */
export function makeOutage(fields: object, name: string, logger: Logger | undefined): Outage {
  let reported: string | undefined;
  return {
    begins: (error) => {
      if (!(error instanceof LatchkeyError) || error.code !== "cannot_tell") return;
      if (error.message === reported) return;
      reported = error.message;
      logger?.error({ ...fields, code: error.code }, error.message);
    },
    ends: () => {
      if (reported === undefined) return;
      reported = undefined;
      logger?.info(fields, `the database ${name} answers again`);
    },
  };
}
