import { latchkey } from "latchkey";
import { nextAuth, oneAuth } from "latchkey/next";
import { sqliteStore } from "latchkey/sqlite";

const { ACCESS_EXPIRES_IN = "900", BASE_URL, DATABASE = "app.db", LATCHKEY_SECRET } = process.env;

// Next loads this module several times in one process. One of it is enough.
export const latch = oneAuth(() =>
  latchkey({
    // The defaults are for a first look: a secret of your own is what everything rests on.
    secret: LATCHKEY_SECRET ?? "only for a first look, not for production",
    baseURL: BASE_URL ?? "http://localhost:3000",
    store: sqliteStore(DATABASE),
    clients: {
      web: { transport: "cookie", strategy: "jwt-live" },
      mobile: { transport: "bearer", strategy: "jwt-live" },
    },
    roles: { admin: ["*"], editor: ["note:write"] },
    access: { expiresIn: Number(ACCESS_EXPIRES_IN) },
  }),
);

export const { auth, requireAuth, callFrom, withAuth, handlers, proxy } = nextAuth(latch, {
  signIn: "/sign-in",
});
