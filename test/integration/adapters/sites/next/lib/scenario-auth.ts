import { latchkey, type StrategyName, type Transport } from "latchkey";
import { nextAuth, oneAuth } from "latchkey/next";
import { sqliteStore } from "latchkey/sqlite";

const { ACCESS_EXPIRES_IN = "900", BASE_URL, DATABASE = "a.db", STRATEGY, TRANSPORT } = process.env;

/** As the sites of the other frameworks have it. */
export const latch = oneAuth(
  () =>
    latchkey({
      secret: "a secret for tests, of more than 32 characters",
      baseURL: BASE_URL ?? "http://127.0.0.1:3000",
      store: sqliteStore(DATABASE),
      clients: {
        app: {
          transport: (TRANSPORT ?? "cookie") as Transport,
          strategy: (STRATEGY ?? "session") as StrategyName,
        },
      },
      roles: { admin: ["*"], editor: ["note:write"] },
      access: { expiresIn: Number(ACCESS_EXPIRES_IN) },
      refresh: { grace: 2 },
      revocation: { maxStaleness: 0.5 },
      rateLimit: false,
    }),
  "scenario",
);

export const { auth, requireAuth, callFrom, withAuth, handlers, proxy, authProxy } = nextAuth(latch, {
  signIn: "/sign-in",
});
