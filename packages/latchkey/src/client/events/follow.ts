import type { Keeper } from "../keep/keeper.ts";
import type { ClientSettings } from "../request/settings.ts";
import { refusalOf } from "../request/wire.ts";
import type { Machine } from "../session/machine.ts";
import type { Tabs } from "../session/tabs.ts";
import { backoff, sleep } from "../time.ts";
import { readEvents } from "./read.ts";

/** Listens to the server, for as long as a session is there. */
export interface Following {
  /** Listens to what happens to this session, and to no other. */
  follow(session: string): void;
  stop(): void;
}

/** The parts that it needs. */
export interface FollowParts {
  readonly settings: ClientSettings;
  readonly keeper: Keeper;
  readonly machine: Machine;
  readonly tabs: Tabs;
  readonly tell: (event: string, data: unknown) => void;
}

/** Of several tabs one listens and tells the others: browsers open only six connections to a server without HTTP/2. */
export function makeFollowing({ settings, keeper, machine, tabs, tell }: FollowParts): Following {
  let followed: { readonly session: string; readonly leaving: AbortController } | undefined;

  async function listen(session: string, signal: AbortSignal): Promise<void> {
    for (let failures = 0; !signal.aborted; failures++) {
      let wait = 0;
      const onEvent = (event: string, data: unknown): void => {
        failures = 0;
        tabs.post({ kind: "event", session, event, data });
        tell(event, data);
      };
      // While nobody listens the others have to ask.
      const tellOthers = (): void => {
        if (!signal.aborted) tabs.post({ kind: "changed" });
      };
      try {
        await machine.ready();
        const response = await settings.fetch(`${settings.auth}/events`, {
          headers: keeper.headers(),
          credentials: settings.bearer ? "omit" : "include",
          cache: "no-store",
          signal,
        });
        if (response.ok && response.body) await readEvents(response.body, onEvent).finally(tellOthers);
        else if (response.ok || /^(404|405|501)$/.test(String(response.status))) return;
        else wait = refusalOf(response, undefined).retryAfter ?? 0;
      } catch {
        // What is behind it the next question shows.
      }
      // The end of a stream says nothing about the session. The server does.
      if (!signal.aborted) await machine.check();
      await sleep(Math.max(wait * 1000, backoff(failures)), signal);
    }
  }

  async function lead(session: string, signal: AbortSignal): Promise<void> {
    const { channel } = settings;
    const locks = channel === undefined ? undefined : globalThis.navigator?.locks;
    const work = (): Promise<void> => listen(session, signal);
    if (locks === undefined) await work();
    // Rejects when it is given up while another tab leads.
    else await locks.request(`${channel} ${session}`, { signal }, work).catch(() => undefined);
  }

  function stop(): void {
    followed?.leaving.abort();
    followed = undefined;
  }

  return {
    follow(session) {
      if (!settings.events || followed?.session === session) return;
      stop();
      followed = { session, leaving: new AbortController() };
      void lead(session, followed.leaving.signal);
    },
    stop,
  };
}
