import { type Auth, LatchkeyError, type SignedIn, type StrategyName } from "latchkey";
import { arrive, carry } from "./stage.ts";

export const strategies: readonly StrategyName[] = [
  ...(["session", "session-live", "jwt", "jwt-denylist", "jwt-allowlist", "jwt-live"] as const),
];

/** One client for each strategy, named after it. */
export const clients = Object.fromEntries(
  strategies.map((strategy) => [strategy, { transport: "bearer", strategy } as const]),
);

/** What a check or a request was answered, and how soon. */
export interface Answer {
  readonly seen: string;
  readonly ms: number;
}

/** Somebody for each strategy. */
export type People = ReadonlyMap<StrategyName, SignedIn & { readonly email: string }>;

export async function arriveAll(auth: Auth): Promise<People> {
  const people = new Map<StrategyName, SignedIn & { email: string }>();
  for (const strategy of strategies) people.set(strategy, await arrive(auth, strategy));
  return people;
}

/** A check of the credential: as a middleware would answer. */
export async function check(auth: Auth, signedIn: SignedIn): Promise<Answer> {
  const start = performance.now();
  const seen = await Promise.resolve()
    .then(() => auth.authenticate(carry(signedIn)))
    .then(
      (result) => (result.ok ? "goes on" : result.code),
      (error: unknown) => (error instanceof LatchkeyError && error.retryAfter !== undefined ? "503" : error),
    );
  return { seen: String(seen), ms: performance.now() - start };
}

/** Of everybody at once. */
export async function checkAll(auth: Auth, people: People): Promise<ReadonlyMap<StrategyName, Answer>> {
  const asked = [...people].map(async ([name, it]) => [name, await check(auth, it)] as const);
  return new Map(await Promise.all(asked));
}

/** A request to the handler: its status, and whether it says when to try again. */
export async function send(auth: Auth, path: string, body: object, signedIn?: SignedIn): Promise<Answer> {
  const start = performance.now();
  const headers = new Headers(signedIn && carry(signedIn).headers);
  headers.set("content-type", "application/json");
  const url = `http://localhost/api/auth${path}`;
  const response = await auth.handler(
    new Request(url, { method: "POST", headers, body: JSON.stringify(body) }),
  );
  const again = response.headers.has("retry-after") ? "" : ", and not when to try again";
  return { seen: `${response.status}${response.status === 503 ? again : ""}`, ms: performance.now() - start };
}
