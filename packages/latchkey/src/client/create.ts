import { covers } from "../lib/access/roles.ts";
import { makeFollowing } from "./events/follow.ts";
import { watchPage } from "./events/page.ts";
import { bearerKeeper } from "./keep/bearer.ts";
import { cookieKeeper } from "./keep/cookie.ts";
import type { Keeper } from "./keep/keeper.ts";
import { type Calls, makeCalls } from "./request/calls.ts";
import { makeFetch } from "./request/fetch.ts";
import { type ClientSettings, readClientOptions } from "./request/settings.ts";
import { makeWire } from "./request/wire.ts";
import { makeMachine } from "./session/machine.ts";
import { makeEars } from "./session/news.ts";
import { makeState, type StateHolder } from "./session/state.ts";
import { makeTabs } from "./session/tabs.ts";
import type { AuthClient, AuthClientOptions } from "./types.ts";

/**
 * Makes a client of a Latchkey server. Does nothing yet: the first call, or the first subscriber, sets it going.
 *
 * @throws TypeError if there is no `baseURL` where there is no page, or an address is none
 */
export function createAuthClient(options: AuthClientOptions = {}): AuthClient {
  const settings = readClientOptions(options);
  const keeper = makeKeeper(settings);
  const wire = makeWire(settings);
  const state = makeState();
  const tabs = makeTabs(settings.channel);
  const machine = makeMachine({ wire, keeper, state, tabs });
  const ears = makeEars(machine, keeper, state);
  const following = makeFollowing({ settings, keeper, machine, tabs, tell: ears.tell });

  function follow(): void {
    const { status, session } = state.get();
    if (status === "signed-out") following.stop();
    else if (session !== null) following.follow(session.id);
  }

  function begin(): () => void {
    const onReturn = (): void => void machine.check();
    tabs.open(ears.hear);
    const forget = state.add(follow);
    const leavePage = watchPage(machine.lose, onReturn, following.stop, follow);
    machine.run(true);
    follow();
    void machine.check();
    return () => {
      leavePage();
      forget();
      following.stop();
      tabs.close();
      machine.run(false);
    };
  }

  const calls: Calls = makeCalls({ settings, wire, keeper, machine });
  return {
    ...calls,
    fetch: makeFetch(settings, keeper, machine),
    can: (permission) => state.get().permissions.some((granted) => covers(granted, permission)),
    getSnapshot: state.get,
    subscribe: whileNeeded(state, begin),
  };
}

/** Begins with the first listener and ends with the last. */
function whileNeeded(state: StateHolder, begin: () => () => void): AuthClient["subscribe"] {
  let listeners = 0;
  let end = (): void => undefined;
  return (listener) => {
    const forget = state.add(() => listener());
    if (listeners++ === 0) end = begin();
    let left = false;
    return () => {
      if (left) return;
      left = true;
      forget();
      if (--listeners === 0) end();
    };
  };
}

function makeKeeper({ bearer, storage, client, origin, auth }: ClientSettings): Keeper {
  const name = `latchkey${client === undefined ? "" : `-${client}`}`;
  return bearer ? bearerKeeper(storage, name) : cookieKeeper(`${name} ${auth.slice(origin.length)}`);
}
