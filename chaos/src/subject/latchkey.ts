import type { Call, Reply } from "../load/http.ts";
import { administrator, passwordOf } from "../node/settings.ts";
import type { Carried, Opened, Subject } from "./subject.ts";

/** Those that ask the store at each check: what is answered holds for every check that begins later. */
const asking = ["session", "jwt-denylist", "jwt-allowlist"];
const live = ["session-live", "jwt-live"];

/** Latchkey, by its HTTP routes. `maxStaleness` in seconds. */
export function latchkeySubject(maxStaleness: number): Subject {
  let admin: Carried = { headers: {}, expires: null };
  const post = (path: string, body: object, confirm = false): Call => ({
    path: `/api/auth${path}${confirm ? "?confirm=true" : ""}`,
    body,
  });
  const byAdmin = (path: string, body: object, confirm = false): Call => ({
    ...post(`/admin${path}`, body, confirm),
    headers: admin.headers,
  });
  return {
    strategies: [...asking, ...live, "jwt"],
    bound: (strategy) => (live.includes(strategy) ? maxStaleness * 1000 : strategy === "jwt" ? null : 0),
    isWhole: true,
    async prepare(ask) {
      const reply = await ask(
        post("/sign-in/email", { email: administrator, password: passwordOf(0), client: "session" }),
      );
      if (reply.outcome !== "done") throw new Error(`the administrator cannot sign in: ${reply.code}`);
      admin = opened(reply).carried;
    },
    signUp: (account, client) => post("/sign-up/email", { ...account, client }),
    signIn: (account, client) => post("/sign-in/email", { ...account, client }),
    opened,
    check: ({ headers }) => ({ path: "/me", headers }),
    rolesIn: ({ body }) => (Array.isArray(body.roles) ? body.roles.join() : undefined),
    get: ({ headers }) => ({ path: "/api/auth/get-session", headers }),
    seenIn: ({ body }) => Object.keys((body.session as { data?: object } | undefined)?.data ?? {}),
    work: ({ headers }, member, ms) => ({
      path: `/work?member=${member}&ms=${Math.round(ms)}`,
      body: {},
      headers,
    }),
    refresh: (refreshToken, key) => ({
      ...post("/refresh", { refreshToken }),
      headers: key === undefined ? {} : { "idempotency-key": key },
    }),
    signOut: ({ headers }) => ({ ...post("/sign-out", {}), headers }),
    revokeSession: (userId, id, confirm) => byAdmin("/revoke-user-session", { userId, id }, confirm),
    revokeOthers: ({ headers }, _keep, _user, confirm) => ({
      ...post("/revoke-other-sessions", {}, confirm),
      headers,
    }),
    revokeUser: (userId, confirm) => byAdmin("/revoke-user-sessions", { userId }, confirm),
    ban: (userId, confirm) => byAdmin("/ban-user", { userId }, confirm),
    unban: (userId) => byAdmin("/unban-user", { userId }),
    setRole: (userId, role, confirm) =>
      byAdmin("/set-role", { userId, roles: role === "" ? [] : [role] }, confirm),
    changePassword: ({ headers }, currentPassword, newPassword) => ({
      ...post("/change-password", { currentPassword, newPassword }),
      headers,
    }),
    isComplete: ({ body }) => (body.receipt as { complete?: boolean } | undefined)?.complete === true,
  };
}

function opened({ body }: Reply): Opened {
  const { accessToken, sessionToken, refreshToken } = body;
  const token = typeof accessToken === "string" ? accessToken : String(sessionToken);
  return {
    user: (body.user as { id: string }).id,
    session: (body.session as { id: string }).id,
    carried: { headers: { authorization: `Bearer ${token}` }, expires: expiryOf(token) },
    refreshToken: typeof refreshToken === "string" ? refreshToken : null,
  };
}

/** `exp` of a JWT, by `performance.now()`; null: it is none. */
function expiryOf(token: string): number | null {
  const [, claims] = token.split(".");
  if (!token.startsWith("ey") || claims === undefined) return null;
  const { exp } = JSON.parse(Buffer.from(claims, "base64url").toString());
  return exp * 1000 - Date.now() + performance.now();
}
