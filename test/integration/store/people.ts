import { randomBytes } from "node:crypto";
import type { SessionId, Store } from "latchkey";

type NewUser = Parameters<Store["createUser"]>[0];
type NewSession = NonNullable<Parameters<Store["openSession"]>[0]["session"]>;
type TokenHash = NonNullable<NewSession["tokenHash"]>;
type Opened = Extract<Awaited<ReturnType<Store["openSession"]>>, { ok: true }>;
type Signed = { readonly user: Opened["user"]; readonly session: NonNullable<Opened["session"]> };

/** A user nobody has yet. */
export function aUser(wanted: Partial<NewUser> = {}): NewUser {
  const id = randomBytes(16).toString("base64url");
  return { id, email: `${id}@example.test`, name: null, roles: [], passwordHash: "$hash", ...wanted };
}

/** A session nobody has yet. */
export function aSession(wanted: Partial<NewSession> = {}): NewSession {
  const device = { client: "web", amr: ["pwd"], ip: "192.0.2.7", userAgent: "Test/1.0" };
  return {
    ...device,
    id: anId(),
    tokenHash: aHash(),
    expiresIn: 3600,
    idleTimeout: null,
    refreshSalt: null,
    ...wanted,
  };
}

export function anId(): SessionId {
  return randomBytes(16).toString("base64url") as SessionId;
}

function aHash(): TokenHash {
  return randomBytes(32).toString("base64url") as TokenHash;
}

/** How the store signs somebody in: with no limit and nothing for the log. */
export const unlimited = { limit: null, audit: null } as const;

/** Makes an account and signs in. */
export async function signUp(store: Store): Promise<Signed> {
  const input = { user: { create: aUser() }, session: aSession(), replaces: null, ...unlimited };
  const opened = await store.openSession(input);
  if (!opened.ok || opened.session === null) throw new Error("no session was opened");
  return { user: opened.user, session: opened.session };
}
