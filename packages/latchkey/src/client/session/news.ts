import type { Keeper } from "../keep/keeper.ts";
import { now } from "../time.ts";
import type { Machine } from "./machine.ts";
import { authenticated, type StateHolder } from "./state.ts";
import type { News } from "./tabs.ts";
import { readInfo } from "./verdict.ts";

/** Acts on what comes unasked. */
export interface Ears {
  /** An event of the server, by our own stream or another tab's. */
  tell(event: string, data: unknown): void;
  /** What another tab did. */
  hear(news: News): void;
}

export function makeEars(machine: Machine, keeper: Keeper, state: StateHolder): Ears {
  function tell(event: string, data: unknown): void {
    const current = state.get();
    if (event === "ended") void machine.check();
    if (event === "session") {
      const info = readInfo(data);
      if (info !== undefined && current.status !== "signed-out") machine.learn(authenticated(info));
    }
    if (event === "roles" && current.user !== null) {
      const { roles, permissions } = data as { roles: readonly string[]; permissions: readonly string[] };
      machine.learn({ ...current, user: { ...current.user, roles }, permissions });
    }
  }

  async function hearRenewed(expiresIn: number | undefined): Promise<void> {
    await keeper.load(true);
    await keeper.keep(expiresIn === undefined ? {} : { expiresIn }, now(), true);
    machine.plan();
  }

  return {
    tell,
    hear(news) {
      if (news.kind === "changed") void machine.check();
      else if (news.session !== state.get().session?.id) return;
      else if (news.kind === "event") tell(news.event, news.data);
      else void hearRenewed(news.expiresIn);
    },
  };
}
