import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Auth, type LatchkeyOptions, latchkey, type SignedIn, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { postgresStore } from "latchkey/postgres";
import { redisStore } from "latchkey/redis";
import { sqliteStore } from "latchkey/sqlite";
import { afterAll, onTestFinished } from "vitest";
import { countingStore } from "../../support/counting-store.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";
import { type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { aPrefix } from "../../support/servers/redis-store.ts";

export const password = "correct horse battery staple";
export const storeNames = ["memory", "sqlite", "postgres", "redis"] as const;

/** One of each for all tests of a file that want one. */
let postgres: Promise<PostgresServer> | undefined;
let redis: Promise<RedisServer> | undefined;
afterAll(async () => {
  await (await postgres)?.remove();
  await (await redis)?.stop();
});

/** An authenticator on a clock that moves when told to; it is closed when the test is over. */
export async function makeStage(
  kind: (typeof storeNames)[number],
  options: Partial<LatchkeyOptions>,
): Promise<{ auth: Auth; calls: string[]; pass: (seconds: number) => void }> {
  let time = 1_800_000_000_000;
  const clock = (): number => time;
  const { store, calls } = countingStore(await openStore(kind, clock));
  const auth = latchkey({
    secret: "a secret for tests, of more than 32 characters",
    store,
    clock,
    rateLimit: false,
    passwords: { hasher: plainHasher() },
    ...options,
  });
  await auth.start();
  onTestFinished(() => auth.close());
  const pass = (seconds: number): void => {
    time += seconds * 1000;
  };
  return { auth, calls, pass };
}

async function openStore(kind: (typeof storeNames)[number], clock: () => number): Promise<Store> {
  if (kind === "memory") return memoryStore({ clock });
  if (kind === "redis") {
    redis ??= startRedis();
    return redisStore((await redis).url, { clock, prefix: aPrefix() });
  }
  if (kind === "postgres") {
    postgres ??= startPostgres();
    return postgresStore((await postgres).url(), { clock, schema: `s${schemas++}` });
  }
  const folder = mkdtempSync(join(tmpdir(), "latchkey-strategies-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return sqliteStore(join(folder, "a.db"), { clock });
}

let schemas = 0;
let people = 0;

/** Makes an account and signs in as the client. */
export async function arrive(auth: Auth, client: string): Promise<SignedIn & { email: string }> {
  const email = `person-${people++}@example.com`;
  const result = await auth.api.signUpEmail({ email, password, client });
  if (!result.ok) throw new Error(`not signed up: ${result.code}`);
  return { ...result, email };
}

/** The headers that carry the credential of an answer. */
export function carry({ credentials }: SignedIn): Request {
  const headers = new Headers();
  if (credentials.transport === "cookie") {
    headers.set("cookie", credentials.setCookies.map((cookie) => cookie.split(";", 1)[0]).join("; "));
  } else {
    const token = "sessionToken" in credentials ? credentials.sessionToken : credentials.accessToken;
    headers.set("authorization", `Bearer ${token}`);
  }
  return new Request("http://localhost/", { headers });
}

/** The refresh token of a bearer client's answer. */
export function refreshTokenOf({ credentials }: SignedIn): string {
  const token = "refreshToken" in credentials ? credentials.refreshToken : undefined;
  if (token === undefined) throw new Error("no refresh token");
  return token;
}

/** Refreshes and expects to be answered. */
export async function refresh(auth: Auth, refreshToken: string): Promise<SignedIn> {
  const result = await auth.api.refresh({ refreshToken });
  if (!result.ok) throw new Error(`not refreshed: ${result.code}`);
  return result;
}
