import type { Logger } from "../../../types.ts";
import type { Link } from "../link/link.ts";
import { judgeFromAfar } from "../server/judge.ts";
import { type Lifecycle, makeLifecycle } from "../server/lifecycle.ts";
import { type RestTarget, restConnection } from "./connection.ts";
import { restLink } from "./link.ts";
import { makePolling, type Polling } from "./wait.ts";

/** The server, and the one link to it. */
export interface RestServer {
  readonly lifecycle: Lifecycle;
  readonly link: Link;
  readonly wait: Polling["wait"];
}

/** What is needed besides where it is. */
export interface RestServerOptions {
  /** The key of what the store has one of, and that of the log. */
  readonly key: string;
  readonly log: string;
  readonly pollInterval: number;
  readonly logger: Logger | undefined;
}

/** Asks nothing before `start`. Throws `misuse` for a target that is none. */
export function restServer(target: RestTarget, options: RestServerOptions): RestServer {
  const { key, log, pollInterval, logger } = options;
  let warned = false;
  const lifecycle = makeLifecycle({
    key,
    links: () => [link],
    examine: (state) => {
      const warning = judgeFromAfar(state);
      if (warning !== undefined && !warned) logger?.warn({ server: state.version }, warning);
      warned = true;
    },
    isWatched: false,
  });
  const link = restLink(restConnection(target), lifecycle.welcome);
  const { wait, stop } = makePolling(link, log, pollInterval);
  const close = async (): Promise<void> => {
    await lifecycle.close();
    stop();
  };
  return { lifecycle: { ...lifecycle, close }, link, wait };
}
