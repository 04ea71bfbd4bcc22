import type { LatchkeyError } from "../../../errors.ts";
import type { Logger } from "../../../types.ts";

/** Reports when the store stops answering and when it answers again: once each, however many links notice. */
export interface Outage {
  /** Told by each link what became of it. */
  changed(link: string, fault: LatchkeyError | undefined): void;
}

/** Without a logger nobody is told; the errors say it all the same. */
export function makeOutage(logger: Logger | undefined): Outage {
  const down = new Set<string>();
  let reported: string | undefined;
  return {
    changed: (link, fault) => {
      if (fault !== undefined) {
        down.add(link);
        if (fault.message === reported) return;
        reported = fault.message;
        logger?.error({ code: fault.code }, fault.message);
      } else if (down.delete(link) && down.size === 0) {
        reported = undefined;
        logger?.info({}, "Redis answers again");
      }
    },
  };
}
