import { type Auth, hashServiceSecret, type LatchkeyOptions, latchkey, type SignedIn } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { createVerifier, type RemoteVerifier, type VerifierOptions } from "latchkey/verifier";
import { onTestFinished } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { credentialOf, password, secret } from "../../support/stage.ts";

export const origin = "https://auth.example";
export const issuer = `${origin}/api/auth`;
export const billing = "https://billing.example";
export const clientSecret = "orders-".padEnd(43, "A");

/** A server, and a way to it that a test can break. */
export interface Stage {
  readonly auth: Auth;
  /** Paths that were asked for, as they are after the base path. */
  readonly asked: string[];
  /** What every request meets in the place of the server; undefined: the server. */
  readonly meet: (weather: Weather | undefined) => void;
  /** A verifier that reaches the server this way. It is closed when the test is over. */
  readonly verifier: (wanted?: Partial<VerifierOptions>) => RemoteVerifier;
}

export type Weather = (request: Request, go: () => Promise<Response>) => Promise<Response>;

const clients = {
  mobile: { transport: "bearer", strategy: "jwt-live" },
  plain: { transport: "bearer", strategy: "jwt" },
  opaque: { transport: "bearer", strategy: "session" },
} as const;

export async function makeStage(options: Partial<LatchkeyOptions> = {}): Promise<Stage> {
  const secretHash = await hashServiceSecret(clientSecret);
  const auth = latchkey({
    ...{ secret, baseURL: origin, clients, store: memoryStore(), rateLimit: false },
    passwords: { hasher: plainHasher() },
    audiences: { [billing]: { scopes: ["invoices:read", "invoices:write"] } },
    services: {
      orders: { secretHash, scopes: ["changes:read"] },
      partner: { secretHash, scopes: ["changes:read"], audience: billing },
      nosy: { secretHash, scopes: [] },
    },
    ...options,
  });
  const asked: string[] = [];
  let weather: Weather | undefined;
  const send: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push(new URL(request.url).pathname.slice("/api/auth".length));
    const go = async (): Promise<Response> => {
      const answered = auth.handler(new Request(request.url, { ...init, signal: null }));
      const { signal } = request;
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
      });
      return Promise.race([answered, aborted]);
    };
    return weather === undefined ? go() : weather(request, go);
  };
  onTestFinished(() => auth.close());
  return {
    auth,
    asked,
    meet: (one) => {
      weather = one;
    },
    verifier(wanted = {}) {
      const credentials = { clientId: "orders", clientSecret };
      const verifier = createVerifier({ issuer, credentials, fetch: send, ...wanted });
      onTestFinished(() => verifier.close());
      return verifier;
    },
  };
}

let people = 0;

export async function arrive({ auth }: Stage, client = "mobile"): Promise<SignedIn> {
  const email = `person-${people++}@example.com`;
  const result = await auth.api.signUpEmail({ email, password, client });
  if (!result.ok) throw new Error(`not signed up: ${result.code}`);
  return result;
}

export const carry = (value: string): Request =>
  new Request("http://localhost/", { headers: { authorization: `Bearer ${value}` } });

export const requestOf = (signedIn: SignedIn): Request => carry(credentialOf(signedIn));

/** How long it takes until the verifier refuses, in ms. */
export async function untilRefused(verifier: RemoteVerifier, request: Request): Promise<number> {
  const start = performance.now();
  for (;;) {
    const result = await verifier.authenticate(request);
    const passed = performance.now() - start;
    if (!result.ok) return passed;
    if (passed > 3000) throw new Error("still accepted after three seconds");
    await new Promise((done) => setTimeout(done, 1));
  }
}
