"use client";

/** The client library for React. */
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useSyncExternalStore,
} from "react";
import type { Refusal } from "../errors.ts";
import { covers } from "../lib/access/roles.ts";
import type { Loaded } from "../types.ts";
import { readInitial } from "./session/initial.ts";
import { isKnown, offline } from "./session/state.ts";
import type { AuthClient, AuthState, SessionInfo } from "./types.ts";

/**
 * What the server knew when it drew the page: what `/get-session` or `auth.api.getSession` answers. `null`: nobody is
 * signed in. A refusal, such as `access_expired`, is as if nothing was given: the browser will find out.
 */
export type InitialSession = SessionInfo | Loaded | Refusal | null | undefined;

export interface AuthProps {
  readonly client: AuthClient;
  readonly initialSession?: InitialSession;
  readonly children?: ReactNode;
}

/** What is known, and whether it grants a permission. */
export type SessionState = AuthState & { readonly can: (permission: string) => boolean };

interface Provided {
  readonly client: AuthClient;
  /** Until the client knows by itself. */
  readonly initial: AuthState;
  /** The same, if it turns out that the server cannot be reached. */
  readonly unreached: AuthState;
}

const Context = createContext<Provided | undefined>(undefined);

/** Makes a client known to what lies in it. One for a page. */
export function AuthProvider({ client, initialSession, children }: AuthProps): ReactElement {
  const initial = useMemo(() => readInitial(initialSession), [initialSession]);
  const provided = useMemo(() => ({ client, initial, unreached: offline(initial) }), [client, initial]);
  const { status, session } = initial;
  const id = session?.id;
  // A page that the server draws anew after a form, such as one that signs in, may know more than the client does.
  useEffect(() => {
    const known = client.getSnapshot();
    const isAhead = status !== "loading" && isKnown(known) && known.session?.id !== id;
    if (isAhead) void client.getSession();
  }, [client, status, id]);
  return createElement(Context.Provider, { value: provided }, children);
}

/** The client, for its verbs: `useAuth().signOut()`. */
export function useAuth(): AuthClient {
  return useProvided().client;
}

/** Who is signed in. What asks draws itself again when that changes. */
export function useSession(): SessionState {
  const { client, initial, unreached } = useProvided();
  const read = (): AuthState => {
    const state = client.getSnapshot();
    if (state.status === "offline" && state.user === null) return unreached;
    return state.status === "loading" ? initial : state;
  };
  // The server draws what was given to it alone: a client there is shared by everybody.
  const state = useSyncExternalStore(client.subscribe, read, () => initial);
  return useMemo(
    () => ({
      ...state,
      can: (permission) => state.permissions.some((granted) => covers(granted, permission)),
    }),
    [state],
  );
}

/** Shows what is in it to whoever is signed in, also while the server cannot be reached. */
export function SignedIn({ children }: { readonly children?: ReactNode }): ReactNode {
  return useSession().user === null ? null : children;
}

/** Shows it once the server has said that nobody is signed in: not while loading, nor offline. */
export function SignedOut({ children }: { readonly children?: ReactNode }): ReactNode {
  return useSession().status === "signed-out" ? children : null;
}

/** Shows it to whoever holds the permission, else the fallback. It hides; what is in it the server must guard. */
export function RequirePermission(props: {
  readonly permission: string;
  readonly fallback?: ReactNode;
  readonly children?: ReactNode;
}): ReactNode {
  return useSession().can(props.permission) ? props.children : props.fallback;
}

function useProvided(): Provided {
  const provided = useContext(Context);
  if (provided === undefined) throw new Error("useSession and its like need an <AuthProvider> around them");
  return provided;
}
