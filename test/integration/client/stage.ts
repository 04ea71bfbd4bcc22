import { type Auth, type LatchkeyOptions, latchkey, problemResponse } from "latchkey";
import {
  type AuthClient,
  type AuthClientOptions,
  createAuthClient,
  type TokenStorage,
} from "latchkey/client";
import { memoryStore } from "latchkey/memory";
import { onTestFinished } from "vitest";
import { makeApi } from "../../../packages/server/src/http/api.ts";
import { type Door, takePort } from "../../../packages/server/src/run/door.ts";
import { quickHasher } from "../../support/http/hasher.ts";
import { type HttpProxy, type Passed, startHttpProxy } from "../../support/net/http-proxy.ts";

export const password = "correct horse battery staple";
const secret = "a secret for tests, of more than 32 characters";

/** A server of an application, and a network before it that can be broken. */
export interface Stage {
  readonly auth: Auth;
  readonly proxy: HttpProxy;
  /** So many seconds pass at the server, and nowhere else: what it gave out before has expired without a word. */
  pass(seconds: number): void;
  /** A client that is closed to the world: it goes through the network. */
  client(options?: Partial<AuthClientOptions>): AuthClient;
  /** A client that has signed up as somebody new, and holds a running subscription. */
  arrive(options?: Partial<AuthClientOptions>): Promise<Arrived>;
  /** The requests for this route so far. */
  asked(path: string): readonly Passed[];
}

export interface Arrived {
  readonly client: AuthClient;
  readonly userId: string;
  readonly sessionId: string;
  readonly email: string;
  /** Each state that came after. */
  readonly states: string[];
}

let people = 0;

/** `expiresIn`: of access tokens, seconds. */
export async function makeStage(options: Partial<LatchkeyOptions> = {}): Promise<Stage> {
  const door = await takePort("127.0.0.1", 0);
  let ahead = 0;
  const clock = (): number => Date.now() + ahead;
  const auth = latchkey({
    secret,
    baseURL: door.url,
    store: memoryStore({ clock }),
    clock,
    clients: {
      mobile: { transport: "bearer", strategy: "jwt-live" },
      plain: { transport: "bearer", strategy: "jwt" },
      session: { transport: "bearer", strategy: "session-live" },
      web: { transport: "cookie", strategy: "jwt-live" },
    },
    roles: { admin: ["*"], editor: ["post:*"] },
    rateLimit: false,
    passwords: { hasher: quickHasher() },
    ...options,
  });
  openApplication(door, auth);
  const proxy = await startHttpProxy(door.url);
  onTestFinished(async () => {
    proxy.close();
    door.server.close();
    door.server.closeAllConnections();
    await auth.close();
  });
  const client = (given: Partial<AuthClientOptions> = {}): AuthClient =>
    createAuthClient({ baseURL: proxy.url, client: "mobile", ...given });
  return {
    auth,
    proxy,
    pass: (seconds) => {
      ahead += seconds * 1000;
    },
    client,
    asked: (path) => proxy.passed.filter((one) => one.path === path),
    async arrive(given) {
      const one = client(given);
      const states = watch(one);
      const email = `person-${people++}@example.com`;
      const answer = await one.signUp.email({ email, password });
      if (!answer.ok) throw new Error(answer.code);
      states.length = 0;
      return { client: one, userId: answer.user.id, sessionId: answer.session.id, email, states };
    },
  };
}

/** Subscribes until the test is over, and notes each state. */
export function watch(client: AuthClient): string[] {
  const states: string[] = [];
  onTestFinished(client.subscribe(() => void states.push(client.getSnapshot().status)));
  return states;
}

/** What an application would serve: its own routes beside those of the library. */
function openApplication(door: Door, auth: Auth): void {
  const api = makeApi(auth, "/api/auth");
  door.open(async (request, env) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/headers") return Response.json(Object.fromEntries(request.headers));
    if (pathname !== "/api/me") return api.fetch(request, env);
    const result = await auth.authenticate(request);
    if (!result.ok) return problemResponse(result);
    const { id, roles } = result.user;
    return Response.json({ id, roles, body: await request.text() });
  });
}

/** A storage that takes its time, and what lies in it. */
export function slowStorage(milliseconds = 0): TokenStorage & { readonly values: Map<string, string> } {
  const values = new Map<string, string>();
  const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
  return {
    values,
    get: async (name) => pause().then(() => values.get(name)),
    set: async (name, value) => pause().then(() => values.set(name, value)),
    remove: async (name) => pause().then(() => values.delete(name)),
  };
}

/** How often the tokens of a session were replaced by others: the count in its refresh tokens. */
export function rotations(proxy: HttpProxy): number {
  const counts = proxy.passed.map(({ body }) => Number(String(body?.refreshToken ?? "").split(".")[1] ?? 0));
  return Math.max(0, ...counts.filter(Number.isFinite));
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));
