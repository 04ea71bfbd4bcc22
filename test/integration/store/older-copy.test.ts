import { type Auth, latchkey, type SignedIn, type Store } from "latchkey";
import { postgresStore } from "latchkey/postgres";
import { redisStore } from "latchkey/redis";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { postgresServer } from "../../../chaos/src/cluster/stores/postgres.ts";
import { redisServer } from "../../../chaos/src/cluster/stores/redis.ts";
import type { StoreServer } from "../../../chaos/src/cluster/stores/store.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { credentialOf } from "../../support/stage.ts";

// A server is killed and comes back with an older copy of its files.

const password = "correct horse battery staple";
const clients = {
  denylist: { transport: "bearer", strategy: "jwt-denylist" },
  live: { transport: "bearer", strategy: "jwt-live" },
} as const;
const names = ["denylist", "live"] as const;
const long = { timeout: 120_000 };
const soon = { timeout: 30_000, interval: 100 };

describe.each([
  ["redis", redisServer, (url: string) => redisStore(url)],
  ["postgres", postgresServer, (url: string) => postgresStore(url)],
] as const)("%s", (_, startServer, open) => {
  let server: StoreServer;
  let running: Auth[];
  beforeEach(async () => {
    server = await startServer(0, false);
    running = [];
  }, 60_000);
  afterEach(async () => {
    for (const auth of running.splice(0)) await auth.close();
    await server.stop();
  }, 60_000);

  async function startProcess(over: (store: Store) => Partial<Store> = () => ({})): Promise<Auth> {
    const store = open(server.address);
    const auth = latchkey({
      secret: "a secret for tests, of more than 32 characters",
      store: { ...store, ...over(store) },
      ...{ clients, rateLimit: false, passwords: { hasher: plainHasher() } },
    });
    running.push(auth);
    await auth.start();
    return auth;
  }

  /** Takes a copy now; gives what kills the server and starts it with the copy. */
  async function copyNow(): Promise<() => Promise<void>> {
    const breakable = server.server;
    const copy = await breakable?.copy?.();
    return async () => {
      await breakable?.kill();
      copy?.putBack();
      await breakable?.start();
    };
  }

  test(
    "a token under an epoch that the copy has never given is not spared by one that is given later",
    long,
    async () => {
      const auth = await startProcess();
      const { user } = await signUp(auth, "ann@example.com");
      const putBack = await copyNow();
      const revoke = (by: Auth) => by.api.revokeSessions({ userId: user.id });
      expect((await patiently(() => revoke(auth))).ok).toBe(true);
      const later = await signIn(auth, "ann@example.com");
      expect(await worth(auth, later)).toEqual([true, true]);
      await auth.close();
      await putBack();
      // Whoever knew of it is gone: nothing is written back, and the epoch begins again where the copy has it.
      const other = await startProcess();
      expect(await worth(other, later)).toEqual([true, true]);
      expect((await patiently(() => revoke(other))).ok).toBe(true);
      expect(await worth(other, later)).toEqual(["session_ended", "session_ended"]);
    },
  );

  test(
    "what was answered right before the crash, and nobody has read, whoever did it makes good",
    long,
    async () => {
      let deaf: Promise<never> | undefined;
      const auth = await startProcess((store) => ({
        async readChanges(input) {
          const page = await store.readChanges(input);
          return deaf ?? page;
        },
      }));
      const ann = await signUp(auth, "ann@example.com");
      const bob = await signUp(auth, "bob@example.com");
      const eve = await signUp(auth, "eve@example.com");
      const all = [ann.all, bob.all].flat();
      await vi.waitFor(() => expect(auth.stats().replica.age).toBeLessThan(1500), soon);
      const putBack = await copyNow();
      await vi.waitFor(() => expect(auth.stats().replica.age).toBeLessThan(1500), soon);
      deaf = new Promise<never>(() => undefined);
      for (const { session } of ann.all)
        expect((await patiently(() => auth.api.revokeSession({ sessionId: session.id }))).ok).toBe(true);
      expect((await patiently(() => auth.api.banUser({ userId: bob.user.id }))).ok).toBe(true);
      expect((await patiently(() => auth.api.setRole({ userId: eve.user.id, roles: ["editor"] }))).ok).toBe(
        true,
      );
      expect(new Set(await worth(auth, all)), "at once where it was done").toEqual(
        new Set(["session_ended"]),
      );
      await putBack();
      const other = await startProcess();
      expect(new Set(await worth(other, all)), "it is lost").toEqual(new Set([true]));
      deaf = undefined;
      await vi.waitFor(async () => expect((await worth(other, all)).includes(true)).toBe(false), soon);
      await vi.waitFor(async () => {
        const again = await other.api.signInEmail({ email: "bob@example.com", password, client: "live" });
        expect(again).toMatchObject({ ok: false, code: "user_banned" });
        expect((await other.api.getUser({ userId: eve.user.id }))?.roles).toEqual(["editor"]);
      }, soon);
    },
  );
});

async function signUp(
  auth: Auth,
  email: string,
): Promise<{ user: SignedIn["user"]; all: readonly SignedIn[] }> {
  const first = await patiently(() => auth.api.signUpEmail({ email, password, client: "denylist" }));
  if (!first.ok) throw new Error(first.code);
  const [second] = (await signIn(auth, email)).slice(1);
  return { user: first.user, all: second === undefined ? [first] : [first, second] };
}

async function signIn(auth: Auth, email: string): Promise<readonly SignedIn[]> {
  const all: SignedIn[] = [];
  for (const client of names) {
    const signedIn = await patiently(() => auth.api.signInEmail({ email, password, client }));
    if (!signedIn.ok) throw new Error(signedIn.code);
    all.push(signedIn);
  }
  return all;
}

/** What each token is worth: true or a code. */
async function worth(auth: Auth, all: readonly SignedIn[]): Promise<readonly (true | string)[]> {
  const ask = async (signedIn: SignedIn): Promise<true | string> => {
    const headers = { authorization: `Bearer ${credentialOf(signedIn)}` };
    const result = await patiently(() => auth.authenticate(new Request("http://localhost/", { headers })));
    return result.ok || result.code;
  };
  return Promise.all(all.map(ask));
}

/** Asks again while nobody can tell: the server has just been started anew. */
async function patiently<Answer>(ask: () => Promise<Answer> | Answer): Promise<Answer> {
  return vi.waitFor(async () => ask(), soon);
}
