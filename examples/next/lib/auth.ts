import { latchkey } from "latchkey";
import { nextAuth, oneAuth } from "latchkey/next";
import { sqliteStore } from "latchkey/sqlite";

export const latch = oneAuth(() =>
  latchkey({
    secret: process.env.LATCHKEY_SECRET ?? "for trying it out only: nothing is safe under this secret",
    baseURL: process.env.BASE_URL ?? "http://localhost:3000",
    store: sqliteStore(process.env.DATABASE ?? "example.db"),
    clients: { web: { transport: "cookie", strategy: "jwt-live" } },
    roles: { admin: ["*"], editor: ["note:write"] },
    access: { expiresIn: Number(process.env.ACCESS_EXPIRES_IN ?? 900) },
  }),
);

export const { auth, requireAuth, requireAction, actionCall, withAuth, handlers, proxy } = nextAuth(latch, {
  signIn: "/sign-in",
});
