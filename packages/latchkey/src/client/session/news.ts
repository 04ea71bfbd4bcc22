import type { Keeper } from "../keep/keeper.ts";
import { isObject } from "../request/wire.ts";
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
    if (event === "ended") void machine.checkAnew();
    if (event === "session") {
      const info = readInfo(data);
      if (info !== undefined && current.status !== "signed-out") machine.learn(authenticated(info));
    }
    if (event === "roles" && current.user !== null && isNewRoles(data)) {
      const { roles, permissions } = data;
      machine.learn({ ...current, user: { ...current.user, roles }, permissions });
    }
  }

  async function hearRenewed(expiresIn: number | undefined): Promise<void> {
    await keeper.load(true);
    await keeper.keep({ expiresIn }, now(), true);
    machine.plan();
  }

  return {
    tell,
    hear(news) {
      // A tab may have been opened by another version of the application.
      if (!isObject(news)) return;
      if (news.kind === "changed") void machine.checkAnew();
      else if (news.session !== state.get().session?.id) return;
      else if (news.kind === "event") tell(news.event, news.data);
      else void hearRenewed(news.expiresIn);
    },
  };
}

interface NewRoles {
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
}

function isNewRoles(data: unknown): data is NewRoles {
  return isObject(data) && Array.isArray(data.roles) && Array.isArray(data.permissions);
}
