import type { Call, Reply } from "../load/http.ts";
import type { Opened, Subject } from "./subject.ts";

/** The small application with express-session: one strategy, which asks the store at each check. */
export function expressSubject(): Subject {
  const none = (): never => {
    throw new Error("not among what it can");
  };
  const post = (path: string, body: object, headers = {}): Call => ({ path, body, headers });
  return {
    strategies: ["express-session"],
    bound: () => 0,
    isWhole: false,
    prepare: async () => undefined,
    signUp: (account) => post("/sign-up", account),
    signIn: (account) => post("/sign-in", account),
    opened,
    check: ({ headers }) => ({ path: "/me", headers }),
    rolesIn: () => undefined,
    get: ({ headers }) => ({ path: "/get", headers }),
    seenIn: ({ body }) => body.seen as readonly string[],
    work: ({ headers }, member, ms) => post(`/work?member=${member}&ms=${Math.round(ms)}`, {}, headers),
    refresh: none,
    signOut: ({ headers }) => post("/sign-out", {}, headers),
    revokeSession: (_user, session) => post("/revoke", { session }),
    revokeOthers: ({ headers }, keep, user) => post("/revoke-all", { user, keep }, headers),
    revokeUser: (user) => post("/revoke-all", { user }),
    ban: (user) => post("/revoke-all", { user, ban: true }),
    unban: (user) => post("/unban", { user }),
    setRole: none,
    changePassword: none,
    isComplete: () => false,
  };
}

function opened({ body, cookies }: Reply): Opened {
  const cookie = cookies[0]?.split(";")[0] ?? "";
  return {
    user: String(body.user),
    session: String(body.session),
    carried: { headers: { cookie }, expires: null },
    refreshToken: null,
  };
}
