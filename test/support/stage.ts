import { type Auth, type LatchkeyOptions, latchkey, type SignedIn, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { countingStore } from "./counting-store.ts";
import { type PlainHasher, plainHasher } from "./plain-hasher.ts";

export const secret = "a secret for tests, of more than 32 characters";
export const baseURL = "https://app.example";
export const password = "correct horse battery staple";

/** Clients that read the store at each check, and follow nothing. */
const lookingUp = {
  web: { transport: "cookie", strategy: "session" },
  mobile: { transport: "bearer", strategy: "session" },
} as const;

/** An authenticator over a memory store, both on one clock that moves when told to. */
export interface Stage {
  readonly auth: Auth;
  readonly store: Store;
  /** Names of the store's methods called so far; a test may empty it. */
  readonly calls: string[];
  readonly hasher: PlainHasher;
  readonly now: () => number;
  readonly advance: (milliseconds: number) => void;
}

/** Sets the stage, on a whole second. `change` may put methods of its own in the place of the store's. */
export function makeStage(
  options: Partial<LatchkeyOptions> = {},
  change: (inner: Store) => Partial<Store> = () => ({}),
): Stage {
  let time = 1_800_000_000_000;
  const now = (): number => time;
  const inner = options.store ?? memoryStore({ clock: now });
  const { store, calls } = countingStore({ ...inner, ...change(inner) });
  const hasher = plainHasher();
  const common = { secret, baseURL, clock: now, clients: lookingUp, passwords: { hasher } };
  const auth = latchkey({ ...common, ...options, store });
  const advance = (milliseconds: number): void => {
    time += milliseconds;
  };
  return { auth, store, calls, hasher, now, advance };
}

/** Makes an account and signs in. */
export async function signUp(auth: Auth, email: string, client?: string): Promise<SignedIn> {
  const signedIn = await auth.api.signUpEmail({ email, password, client });
  if (!signedIn.ok) throw new Error(`not signed up: ${signedIn.code}`);
  return signedIn;
}

/** Signs in who has an account. */
export async function signIn(auth: Auth, email: string, client?: string): Promise<SignedIn> {
  const signedIn = await auth.api.signInEmail({ email, password, client });
  if (!signedIn.ok) throw new Error(`not signed in: ${signedIn.code}`);
  return signedIn;
}

/** The credential of an answer as its client carries it: `name=value` of a cookie, else the token. */
export function credentialOf({ credentials }: SignedIn): string {
  if (credentials.transport === "cookie") return credentials.setCookies[0]?.split(";", 1)[0] ?? "";
  return "sessionToken" in credentials ? credentials.sessionToken : credentials.accessToken;
}
