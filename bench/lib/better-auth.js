// @ts-check
import { redisStorage } from "@better-auth/redis-storage";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { Redis } from "ioredis";
import { Kysely, SqliteDialect } from "kysely";
import Database from "libsql";

/** Kysely asks a statement whether it has rows to give, which libsql does not say. @param {string} file */
function openSqlite(file) {
  const database = new Database(file);
  return {
    close: () => database.close(),
    prepare(/** @type {string} */ sql) {
      const statement = database.prepare(sql);
      return {
        reader: /^\s*(select|with|pragma)\b|\breturning\b/i.test(sql),
        all: (/** @type {readonly unknown[]} */ values) => statement.all(values),
        run: (/** @type {readonly unknown[]} */ values) => statement.run(values),
        iterate: (/** @type {readonly unknown[]} */ values) => statement.iterate(values),
      };
    },
  };
}

/**
 * As its documentation sets it up. Its clock and its limits are its own; telemetry is off by default.
 *
 * @param {"sqlite" | "cookie-cache" | "redis"} kind
 * @param {{ redisUrl?: string | undefined, file?: string }} [where]
 */
export async function makeBetterAuth(kind, { redisUrl, file = ":memory:" } = {}) {
  const dialect = new SqliteDialect({ database: /** @type {any} */ (openSqlite(file)) });
  const client = kind === "redis" ? new Redis(redisUrl ?? "") : undefined;
  const options = /** @type {import("better-auth").BetterAuthOptions} */ ({
    baseURL: "http://localhost:3000",
    secret: "a secret of the benchmark, 32 characters",
    database: { db: new Kysely({ dialect }), type: "sqlite" },
    emailAndPassword: {
      enabled: true,
      password: {
        hash: async (/** @type {string} */ password) => password,
        verify: async (/** @type {{ hash: string, password: string }} */ it) => it.hash === it.password,
      },
    },
    rateLimit: { enabled: false },
    ...(kind === "cookie-cache" ? { session: { cookieCache: { enabled: true, maxAge: 3600 } } } : {}),
    ...(client === undefined ? {} : { secondaryStorage: redisStorage({ client }) }),
  });
  const { runMigrations } = await getMigrations(options);
  await runMigrations();
  const auth = betterAuth(options);
  return {
    auth,
    close: () => client?.disconnect(),
    /** Signs up so many people and gives their cookies. */
    async signUp(/** @type {number} */ count) {
      const cookies = [];
      for (let i = 0; i < count; i++) {
        const body = {
          email: `p${i}@example.com`,
          password: "a password of the benchmark",
          name: "A Person",
        };
        const response = await auth.api.signUpEmail({ body, asResponse: true });
        if (!response.ok) throw new Error(`better-auth: ${response.status} ${await response.text()}`);
        cookies.push(
          response.headers
            .getSetCookie()
            .map((it) => it.split(";", 1)[0])
            .join("; "),
        );
      }
      return cookies;
    },
  };
}
