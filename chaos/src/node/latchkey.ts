import { appendFileSync } from "node:fs";
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Auth,
  argon2Hasher,
  LatchkeyError,
  type Logger,
  latchkey,
  type PasswordHasher,
  problemResponse,
  type StrategyName,
} from "latchkey";
import { sendJson, sendResponse, toRequest } from "./bridge.ts";
import type { ServedNode } from "./main.ts";
import { administrator, hashed, type NodeSettings, passwordOf } from "./settings.ts";
import { openStore } from "./store.ts";

const strategies: readonly StrategyName[] = [
  ...(["session", "session-live", "jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"] as const),
];

/** What is kept of a password is the password, unless it says that it is to be hashed in earnest. */
function makeHasher(): PasswordHasher {
  const earnest = argon2Hasher();
  return {
    hash: async (password) => (password.startsWith(hashed) ? earnest.hash(password) : `$plain$${password}`),
    verify: async (hash, password) =>
      hash.startsWith("$plain$") ? hash === `$plain$${password}` : earnest.verify(hash, password),
  };
}

/** Latchkey over HTTP, each strategy as a bearer client that is named after it. */
export async function latchkeyNode(settings: NodeSettings): Promise<ServedNode> {
  const logger = makeLogger();
  const auth = latchkey({
    secret: "a secret of the chaos harness, of more than 32 characters",
    baseURL: "http://127.0.0.1",
    store: await openStore(settings, logger),
    clients: Object.fromEntries(
      strategies.map((strategy) => [strategy, { transport: "bearer", strategy } as const]),
    ),
    access: { expiresIn: settings.accessExpiresIn },
    refresh: { grace: settings.grace },
    revocation: { maxStaleness: settings.maxStaleness, node: settings.name },
    roles: { admin: ["*"], editor: ["post:write"] },
    passwords: { hasher: makeHasher() },
    rateLimit: false,
    logger,
  });
  await auth.start();
  const admin = { email: administrator, password: passwordOf(0), roles: ["admin"], firstOf: "admin" };
  await auth.api.createUser(admin);
  return { listener: serve(auth), close: () => auth.close() };
}

function serve(auth: Auth): RequestListener {
  return (incoming, outgoing) => {
    answer(auth, incoming, outgoing).catch((error: unknown) => {
      if (outgoing.headersSent) outgoing.destroy();
      else sendJson(outgoing, 500, { code: "internal", error: String(error) });
    });
  };
}

async function answer(auth: Auth, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { url = "" } = incoming;
  if (url === "/bare") return sendJson(outgoing, 200, {});
  // Milliseconds since what it knows was proven to be all there is to know; null: never.
  if (url === "/current") return sendJson(outgoing, 200, { age: auth.stats().replica.age });
  if (url === "/watch") return watched(auth, incoming, outgoing);
  if (url === "/me") return checked(auth, incoming, outgoing);
  if (url.startsWith("/work")) return worked(auth, incoming, outgoing);
  await sendResponse(await auth.handler(await toRequest(incoming)), outgoing);
}

/** A page of an application: it asks who is there, and says so. */
async function checked(auth: Auth, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  try {
    const result = await auth.authenticate(requestOf(incoming));
    if (!result.ok) return await sendResponse(problemResponse(result), outgoing);
    sendJson(outgoing, 200, { roles: result.user.roles });
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    await sendResponse(problemResponse(error), outgoing);
  }
}

/** How long a credential is watched, in milliseconds. */
const patience = 5000;

/**
 * Checks a credential each millisecond until it is refused, and says when that was, by the clock that all processes of a
 * machine share. It says so at once if the credential is none; it begins once it was accepted.
 */
async function watched(auth: Auth, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const request = requestOf(incoming);
  const until = performance.now() + patience;
  const accepted = await auth.authenticate(request);
  if (!accepted.ok) return sendJson(outgoing, 401, { code: accepted.code });
  // The headers say that it has begun; the body comes when it is over.
  outgoing.writeHead(200, { "content-type": "application/json" });
  outgoing.flushHeaders();
  while (performance.now() < until) {
    await sleep(1);
    const result = await auth.authenticate(request);
    if (!result.ok) break;
  }
  outgoing.end(JSON.stringify({ refusedAt: Number(process.hrtime.bigint() / 1000n) }));
}

/** A page that takes its time and then writes something into the session. */
async function worked(auth: Auth, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const query = new URL(`http://localhost${incoming.url}`).searchParams;
  try {
    const result = await auth.authenticate(requestOf(incoming));
    if (!result.ok) return await sendResponse(problemResponse(result), outgoing);
    await sleep(Number(query.get("ms")));
    const data = { [query.get("member") ?? ""]: 1 };
    const written = await auth.api.updateSession({ sessionId: result.session.id, data });
    if (!written.ok) return await sendResponse(problemResponse(written), outgoing);
    sendJson(outgoing, 200, {});
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error;
    await sendResponse(problemResponse(error), outgoing);
  }
}

function requestOf({ method = "GET", headers }: IncomingMessage): Parameters<Auth["authenticate"]>[0] {
  return {
    method,
    headers: {
      get: (name) => {
        const value = headers[name.toLowerCase()];
        return typeof value === "string" ? value : null;
      },
    },
  };
}

/** Into a file that is kept when something was found. */
function makeLogger(): Logger {
  const file = process.env.CHAOS_LOG;
  const note =
    (level: string) =>
    (fields: object, message: string): void => {
      const error = "err" in fields ? ` ${(fields.err as Error)?.stack ?? fields.err}` : "";
      if (file !== undefined)
        appendFileSync(file, `${new Date().toISOString()} ${level} ${message}${error}\n`);
    };
  return { info: note("info"), warn: note("warn"), error: note("error") };
}
