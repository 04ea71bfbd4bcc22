import type { Keeper } from "../keep/keeper.ts";
import type { Wire } from "../request/wire.ts";
import { backoff, makeTimer, now, shared } from "../time.ts";
import type { AuthState, ClientRefusal, SessionInfo } from "../types.ts";
import { askWho, type Said } from "./ask.ts";
import { makeRenewal } from "./renewal.ts";
import { authenticated, isKnown, offline, type StateHolder, signedOut } from "./state.ts";
import type { Tabs } from "./tabs.ts";
import { isDefinite } from "./verdict.ts";

/** Keeps what is known true. */
export interface Machine {
  /**
   * Makes the credential ready to be sent: it is loaded, and renewed if it is time. What still holds is waited for by
   * nobody: who asks another server than ours has nothing to do with how ours is.
   */
  ready(): Promise<void>;
  /**
   * Whether a request that was refused with 401 should be sent again: the credential is renewed by now, or another was
   * there already. False: the refusal stands; a refusal: that stands in its place.
   */
  again(refusal: ClientRefusal, sentAt: number): Promise<boolean | ClientRefusal>;
  /** Asks the server. */
  check(): Promise<Said>;
  /** Something happened: an answer to a question that was asked before is no answer to this. */
  checkAnew(): Promise<Said>;
  /** An answer that signs somebody in, or gives another credential. */
  enter(info: SessionInfo, given: object, sentAt: number): Promise<void>;
  leave(): Promise<void>;
  /** There is surely no network. */
  lose(): void;
  /** What the server, or another tab, told of its own accord. */
  learn(next: AuthState): void;
  /** The credential may have been replaced by another tab. */
  plan(): void;
  /** From now on, or no longer, without being asked. */
  run(running: boolean): void;
}

/** The parts that it moves. */
export interface MachineParts {
  readonly wire: Wire;
  readonly keeper: Keeper;
  readonly state: StateHolder;
  readonly tabs: Tabs;
}

export function makeMachine({ wire, keeper, state, tabs }: MachineParts): Machine {
  const timer = makeTimer();
  let running = false;
  /** How often in a row the server could not tell. */
  let failures = 0;
  /** Counts what was learnt otherwise: an answer to a question asked before that says nothing any more. */
  let learnt = 0;
  /** Counts what was heard of that only the server can tell more about. */
  let heard = 0;

  const renewal = makeRenewal(wire, keeper, (info, expiresIn) => {
    learn(authenticated(info));
    tabs.post({ kind: "renewed", session: info.session.id, expiresIn });
  });

  function learn(next: AuthState): void {
    learnt++;
    failures = 0;
    put(next);
  }

  function put(next: AuthState): void {
    state.set(next);
    plan();
  }

  function plan(): void {
    const life = state.get().status === "authenticated" ? keeper.life() : undefined;
    if (!running) timer();
    else if (failures > 0) timer(backoff(failures - 1), () => void check());
    else if (life) timer(Math.max(0, life.dueAt - now()), () => void renew(now()));
    else timer();
  }

  async function renew(since: number): Promise<true | ClientRefusal> {
    const outcome = await renewal(since);
    if (outcome === true) plan();
    else if (!isDefinite(outcome)) void check();
    else if (await keeper.drop(since)) learn(signedOut);
    return outcome;
  }

  async function ask(): Promise<Said> {
    for (;;) {
      const before = learnt;
      const asOf = heard;
      const said = await askWho(wire, keeper, renewal);
      if (!said.ok) {
        failures++;
        put(offline(state.get()));
        return said;
      }
      if (asOf === heard && (await settle(said.info, said.sentAt, before))) return said;
    }
  }

  /** Takes what the server said for true; false: that may be out of date. */
  async function settle(info: SessionInfo | null, sentAt: number, before: number): Promise<boolean> {
    if (before !== learnt && isKnown(state.get())) {
      plan();
      return info?.session.id === state.get().session?.id;
    }
    if (info === null && !(await keeper.drop(sentAt))) return false;
    learn(info === null ? signedOut : authenticated(info));
    return true;
  }

  const check = shared(ask);

  return {
    async ready() {
      await keeper.load();
      const life = keeper.life();
      if (!life || life.dueAt > now()) return;
      if (life.overAt <= now()) await renew(now());
      // After a failure: in time, however often somebody asks.
      else if (failures === 0) void renew(now());
    },
    async again(refusal, sentAt) {
      if (refusal.code === "access_expired") return renew(sentAt);
      if (!isDefinite(refusal)) return false;
      await keeper.load(true);
      // Whoever changed the password has put another one there, in cookies where nobody sees it.
      if (keeper.changedAt() > sentAt || refusal.code === "credential_renewed") return true;
      void check();
      return false;
    },
    check,
    checkAnew: () => {
      heard++;
      return check();
    },
    async enter(info, given, sentAt) {
      await keeper.keep(given, sentAt, false);
      learn(authenticated(info));
      tabs.post({ kind: "changed" });
    },
    async leave() {
      await keeper.drop(Number.POSITIVE_INFINITY);
      learn(signedOut);
      tabs.post({ kind: "changed" });
    },
    lose() {
      // Browsers are wrong at times: a server on this very machine may still be there, and nothing says "online" then.
      failures ||= 1;
      put(offline(state.get()));
    },
    learn,
    plan,
    run(given) {
      running = given;
      plan();
    },
  };
}
