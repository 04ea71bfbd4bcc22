import { type AuthClient, createAuthClient } from "latchkey/client";
import {
  AuthProvider,
  type InitialSession,
  RequirePermission,
  SignedIn,
  SignedOut,
  useSession,
} from "latchkey/react";
import { type ReactNode, StrictMode } from "react";

declare global {
  interface Window {
    /** For the tests. */
    client: AuthClient;
    initial: InitialSession;
    /** Draws the page with what the server has said since. */
    draw(initial: InitialSession): void;
    /** Each status that was shown. */
    seen: string[];
    /** Since when an element is there. */
    shownAt: { [id: string]: number | undefined };
  }
}

/** The page of an application: the server draws it, and the browser goes on from there. */
export function App({
  client,
  initial,
}: {
  readonly client: AuthClient;
  readonly initial: InitialSession;
}): ReactNode {
  return (
    <StrictMode>
      <AuthProvider client={client} initialSession={initial}>
        <Status />
        <SignedIn>
          <p id="in">Welcome back</p>
        </SignedIn>
        <SignedOut>
          <p id="out">Sign in</p>
        </SignedOut>
        <RequirePermission permission="post:write" fallback={<p id="reader">You may read</p>}>
          <p id="writer">You may write</p>
        </RequirePermission>
      </AuthProvider>
    </StrictMode>
  );
}

function Status(): ReactNode {
  const { status, user } = useSession();
  return (
    <>
      <p id="status">{status}</p>
      <p id="user">{user?.email ?? "nobody"}</p>
    </>
  );
}

/** Of a cookie client as most pages have one; a bearer client where the address says so. */
export function makeClient(search: string): AuthClient {
  if (!search.includes("bearer")) return createAuthClient();
  return createAuthClient({
    client: "mobile",
    storage: {
      get: (name) => localStorage.getItem(name),
      set: (name, value) => localStorage.setItem(name, value),
      remove: (name) => localStorage.removeItem(name),
    },
  });
}
