import type { AuthState, SessionInfo } from "../types.ts";

/** What is known, and who wants to know. */
export interface StateHolder {
  get(): AuthState;
  set(next: AuthState): void;
  add(listener: () => void): () => void;
}

const nobody = { user: null, session: null, permissions: [] } as const;

export const loading: AuthState = Object.freeze({ status: "loading", ...nobody });
export const signedOut: AuthState = { status: "signed-out", ...nobody };

export function authenticated({ user, session, permissions }: SessionInfo): AuthState {
  return { status: "authenticated", user, session, permissions };
}

/** Who was known stays known, and that nobody is signed in stays true. */
export function offline(state: AuthState): AuthState {
  if (state.status === "signed-out") return state;
  return state.user === null ? { ...nobody, status: "offline" } : { ...state, status: "offline" };
}

export function makeState(): StateHolder {
  const listeners = new Set<() => void>();
  let state = loading;
  return {
    get: () => state,
    set(next) {
      // Whoever draws what is known draws it again only if it is something else.
      if (JSON.stringify(next) === JSON.stringify(state)) return;
      state = Object.freeze(next);
      for (const listener of [...listeners]) tell(listener);
    },
    add(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** As an `EventTarget` does it: what one listener throws is reported, and keeps neither the next one nor us from anything. */
function tell(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

export function isKnown({ status }: AuthState): boolean {
  return status === "authenticated" || status === "signed-out";
}
