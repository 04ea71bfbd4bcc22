import { type Auth, type LatchkeyOptions, latchkey, type SignedIn, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { onTestFinished } from "vitest";
import { countingStore } from "../../support/counting-store.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { credentialOf, password, secret } from "../../support/stage.ts";

export const live = ["session-live", "jwt-live"] as const;

/** One process of several on one store. */
export interface Node {
  readonly auth: Auth;
  /** What its checks and verbs asked of the store so far. */
  readonly calls: string[];
  /** Puts something in the place of methods of its store; undefined: as they are. */
  readonly change: (methods: Partial<Store> | undefined) => void;
}

const clients = {
  "session-live": { transport: "bearer", strategy: "session-live" },
  "jwt-live": { transport: "bearer", strategy: "jwt-live" },
  web: { transport: "cookie", strategy: "session-live" },
} as const;

type Method = Exclude<keyof Store, "listen">;

/** Processes on one memory store, each with a way to it of its own. They are closed when the test is over. */
export function makeNodes(count: number, options: Partial<LatchkeyOptions> = {}): Node[] {
  const inner = options.store ?? memoryStore();
  return Array.from({ length: count }, () => {
    let changed: Partial<Store> = {};
    // Each is a process of its own, and hears of what another one does by the log alone.
    const methods = Object.keys(inner).filter((name) => name !== "listen") as Method[];
    const way = Object.fromEntries(
      methods.map((name) => [
        name,
        (...args: never[]) => Reflect.apply(changed[name] ?? inner[name], inner, args),
      ]),
    ) as { [Name in Method]: never };
    const { store, calls } = countingStore({ ...way, close: async () => undefined });
    const auth = latchkey({
      ...{ secret, clients, rateLimit: false, passwords: { hasher: plainHasher() } },
      ...options,
      store,
    });
    onTestFinished(() => auth.close());
    return {
      auth,
      calls,
      change: (replaced) => {
        changed = replaced ?? {};
      },
    };
  });
}

let people = 0;

/** Makes an account and signs in as the client. */
export async function arrive({ auth }: Node, client: string): Promise<SignedIn & { email: string }> {
  const email = `person-${people++}@example.com`;
  const result = await auth.api.signUpEmail({ email, password, client });
  if (!result.ok) throw new Error(`not signed up: ${result.code}`);
  return { ...result, email };
}

/** The request that carries the credential of an answer. */
export function carry(signedIn: SignedIn, method = "GET"): Request {
  const value = credentialOf(signedIn);
  const headers: Record<string, string> =
    signedIn.credentials.transport === "cookie" ? { cookie: value } : { authorization: `Bearer ${value}` };
  return new Request("http://localhost/", { method, headers });
}

/** Resolves when the node's checks are answered without the store. */
export async function settle(node: Node, signedIn: SignedIn): Promise<void> {
  for (let round = 0; round < 200; round++) {
    node.calls.length = 0;
    await node.auth.authenticate(carry(signedIn));
    if (node.calls.length === 0) return;
    await new Promise((done) => setTimeout(done, 5));
  }
  throw new Error("the node's checks go on asking the store");
}

/** How long it takes until the check gives what is wanted, in ms. */
export async function until(
  check: () => unknown | Promise<unknown>,
  wanted: (result: Awaited<ReturnType<Auth["authenticate"]>>) => boolean,
  patience = 2000,
): Promise<number> {
  const start = performance.now();
  for (;;) {
    const result = (await check()) as Awaited<ReturnType<Auth["authenticate"]>>;
    const passed = performance.now() - start;
    if (wanted(result)) return passed;
    if (passed > patience) throw new Error(`not so after ${passed} ms: ${JSON.stringify(result)}`);
    await new Promise((done) => setTimeout(done, 1));
  }
}
