import { makeWake } from "../../../lib/timing/wake.ts";
import type { Logger } from "../../../types.ts";
import type { Route } from "../link/dial.ts";
import { type Link, makeLink } from "../link/link.ts";
import { type Confirm, makeConfirm } from "./confirm/confirm.ts";
import { makeExaminer } from "./examine.ts";
import { type Lifecycle, makeLifecycle } from "./lifecycle.ts";
import { makeOutage } from "./outage.ts";

/** The server with the connections to it. */
export interface Server {
  readonly lifecycle: Lifecycle;
  readonly confirm: Confirm;
  /** Each for its own: whoever waits on one holds nobody up on another. */
  readonly links: { readonly [Name in LinkName]: Link };
}

type LinkName = "steps" | "checks" | "follower" | "waiter" | "confirmer";

/** What is needed of the store's options. */
export interface ServerOptions {
  readonly replicas: number | undefined;
  readonly unfenced: boolean;
  readonly logger: Logger | undefined;
}

/** Connects nothing before `start`. */
export function makeServer(route: Route, key: string, { replicas, unfenced, logger }: ServerOptions): Server {
  const { dial, kind } = route;
  const outage = makeOutage(logger);
  const pauses = makeWake();
  const examine = makeExaminer({ kind, unfenced }, logger);
  const lifecycle = makeLifecycle({
    key,
    links: () => Object.values(links),
    examine: (state) => {
      examine(state);
      confirm.learn(state);
    },
    onLoss: (keys) => {
      const words = "Redis has thrown keys away to make room, and nobody can tell what was revoked by them";
      logger?.error({ keys }, `${words}: everybody is signed out`);
    },
    isWatched: true,
  });
  const makeOne = (name: LinkName): Link =>
    makeLink({
      dial,
      pauses,
      // One of them only wakes, and the other asks the server for what another connection has written there.
      guarded: name !== "waiter" && name !== "confirmer",
      welcome: lifecycle.welcome,
      onSilence: () => {
        for (const [other, link] of Object.entries(links)) if (other !== name) link.suspect();
      },
      onChange: (fault) => outage.changed(name, fault),
    });
  const links: Server["links"] = {
    steps: makeOne("steps"),
    checks: makeOne("checks"),
    follower: makeOne("follower"),
    waiter: makeOne("waiter"),
    confirmer: makeOne("confirmer"),
  };
  const confirm = makeConfirm({ link: links.confirmer, mark: lifecycle.mark, replicas });
  return { lifecycle, confirm, links };
}
