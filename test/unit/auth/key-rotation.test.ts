import { type Auth, type LatchkeyOptions, latchkey, type SignedIn, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { countingStore, deafStore } from "../../support/counting-store.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { credentialOf, secret, signIn, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const invalid = { ok: false, code: "credential_invalid" };
const clients = {
  app: { transport: "bearer", strategy: "jwt" },
  deny: { transport: "bearer", strategy: "jwt-denylist" },
  allow: { transport: "bearer", strategy: "jwt-allowlist" },
  opaque: { transport: "bearer", strategy: "session" },
} as const;
const service = { id: "orders", secret: "a secret of a service, of more than 43 characters" };

interface Pair {
  readonly here: Auth;
  readonly there: Auth;
  /** What the one over there asked of the store so far. */
  readonly calls: string[];
  readonly pass: (seconds: number) => void;
}

/** Two processes on one store and one clock. */
function makePair(
  options: Partial<LatchkeyOptions> = {},
  change: (store: Store) => Store = (it) => it,
): Pair {
  let time = 1_800_000_000_000;
  const clock = (): number => time;
  const store = memoryStore({ clock });
  const common = { secret, clock, clients, rateLimit: false as const, passwords: { hasher: plainHasher() } };
  // It does not follow the change log: what it finds out it reads for a check.
  const { store: counted, calls } = countingStore(change(deafStore(store)));
  return {
    here: latchkey({ ...common, store, ...options }),
    there: latchkey({ ...common, store: counted, ...options }),
    calls,
    pass: (seconds) => (time += seconds * 1000),
  };
}

const request = (token: string): Request =>
  new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });

const check = (auth: Auth, signedIn: SignedIn): ReturnType<Auth["authenticate"]> =>
  auth.authenticate(request(credentialOf(signedIn)));

async function publishedBy(auth: Auth): Promise<string[]> {
  const response = await auth.handler(new Request("http://localhost/api/auth/jwks"));
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

function refreshTokenOf({ credentials }: SignedIn): string {
  return ("refreshToken" in credentials && credentials.refreshToken) || "";
}

describe("a key that another process retired as compromised", () => {
  test.each(["deny", "allow"])(
    "is refused at the very next check of %s, which reads the store",
    async (client) => {
      const { here, there, calls } = makePair();
      const before = await signUp(here, email, client);
      expect(await check(there, before)).toMatchObject({ ok: true });
      await here.api.rotateKeys({ compromised: true });
      calls.length = 0;
      expect(await check(there, before)).toEqual(invalid);
      expect(calls).toEqual(["readSession", "listKeys"]);
      expect(await check(there, before)).toEqual(invalid);
      expect(calls, "by then its header is known to be gone").toEqual(["readSession", "listKeys"]);
    },
  );

  test("of a hundred checks at once all refuse, after one reading of the keys", async () => {
    const { here, there, calls } = makePair();
    const before = await signUp(here, email, "deny");
    await check(there, before);
    await here.api.rotateKeys({ compromised: true });
    calls.length = 0;
    const checks = await Promise.all(Array.from({ length: 100 }, () => check(there, before)));
    expect(checks).toEqual(Array.from({ length: 100 }, () => invalid));
    expect(calls.filter((name) => name === "listKeys")).toHaveLength(1);
  });

  test("of plain jwt is refused once anything of it is loaded, or the keys were read again", async () => {
    const { here, there, pass } = makePair();
    const before = await signUp(here, email, "app");
    const current = await check(there, before);
    await here.api.rotateKeys({ compromised: true });
    expect(await check(here, before)).toEqual(invalid);
    expect(await check(there, before), "the price of reading nothing").toMatchObject({ ok: true });
    if (!current.ok) return expect.fail(current.code);
    expect(await current.load()).toEqual(invalid);
    expect(await check(there, before)).toEqual(invalid);

    const other = makePair();
    const after = await signUp(other.here, email, "app");
    await check(other.there, after);
    await other.here.api.rotateKeys({ compromised: true });
    other.pass(61);
    await check(other.there, after); // reads the keys again, off its path
    await new Promise((done) => setTimeout(done, 50));
    expect(await check(other.there, after)).toEqual(invalid);
    pass(0);
  });

  test("signs nothing more: what the other process issues next is accepted everywhere", async () => {
    for (const client of ["app", "deny", "opaque"]) {
      const { here, there } = makePair();
      const first = await signUp(there, email, client);
      await here.api.rotateKeys({ compromised: true });
      const second = await signIn(there, email, client);
      for (const auth of [here, there]) expect(await check(auth, second)).toMatchObject({ ok: true });
      if (client === "opaque") continue;
      await here.api.rotateKeys({ compromised: true });
      const refreshed = await there.api.refresh({ refreshToken: refreshTokenOf(first) });
      if (!refreshed.ok) return expect.fail(refreshed.code);
      for (const auth of [here, there]) expect(await check(auth, refreshed)).toMatchObject({ ok: true });
    }
  });

  test("vouches for no token of a third party or a service either", async () => {
    const { hashServiceSecret } = await import("latchkey");
    const audience = "https://billing.example";
    const { here, there } = makePair({
      audiences: { [audience]: {} },
      services: {
        [service.id]: {
          secretHash: await hashServiceSecret(service.secret),
          audiences: [audience],
          introspect: true,
        },
      },
    });
    const ask = async (auth: Auth, path: string, form: Record<string, string>) => {
      const body = new URLSearchParams({ ...form, client_id: service.id, client_secret: service.secret });
      const answer = await auth.handler(
        new Request(`http://localhost/api/auth/oauth2/${path}`, { method: "POST", body }),
      );
      return (await answer.json()) as { access_token: string; active: boolean };
    };
    const issue = async (auth: Auth): Promise<string[]> => {
      // Nothing before it has read the keys again.
      const own = await ask(auth, "token", { grant_type: "client_credentials" });
      const subject = credentialOf(await signIn(auth, email, "opaque"));
      const exchanged = await ask(auth, "token", {
        grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
        subject_token_type: "urn:ietf:params:oauth:token-type:access_token",
        subject_token: subject,
        audience,
      });
      return [own.access_token, exchanged.access_token];
    };
    const active = async (auth: Auth, tokens: readonly string[]): Promise<boolean[]> =>
      Promise.all(tokens.map(async (token) => (await ask(auth, "introspect", { token })).active));
    await signUp(here, email, "opaque");
    const before = await issue(here);
    expect(await active(there, before)).toEqual([true, true]);
    await here.api.rotateKeys({ compromised: true });
    const after = await issue(there);
    expect([await active(here, after), await active(there, after)]).toEqual([
      [true, true],
      [true, true],
    ]);
    await here.api.rotateKeys({ compromised: true });
    expect(await active(there, after)).toEqual([false, false]);
  });
});

describe("a key that another process has just made", () => {
  test.each(["app", "deny", "allow"])("is found for a token of %s, in one reading", async (client) => {
    const { here, there, calls } = makePair();
    await signUp(here, email, client);
    await there.start();
    await here.api.rotateKeys({ compromised: true });
    const after = await signIn(here, email, client);
    calls.length = 0;
    const checks = await Promise.all(Array.from({ length: 50 }, () => check(there, after)));
    expect(checks.every(({ ok }) => ok)).toBe(true);
    expect(calls.filter((name) => name === "listKeys")).toHaveLength(1);
  });

  test("is found where its algorithm is another too, and the keys that are published are those", async () => {
    const { here, there, pass } = makePair({ keys: { algorithm: "ES256" } });
    await signUp(here, email, "app");
    await there.start();
    const { kid } = await here.api.rotateKeys({ compromised: true });
    expect(await check(there, await signIn(here, email, "app"))).toMatchObject({ ok: true });
    pass(2);
    expect(await publishedBy(there)).toEqual([kid]);
  });

  test("is published by a process that nobody asks for anything else", async () => {
    const { here, there, calls, pass } = makePair();
    const [old] = await publishedBy(there);
    pass(1);
    const { kid } = await here.api.rotateKeys();
    expect(await publishedBy(there)).toEqual([old, kid]);
    calls.length = 0;
    for (let i = 0; i < 20; i++) await publishedBy(there);
    expect(calls, "and not read for each who asks").toEqual([]);
  });
});

describe("a key that nobody has", () => {
  test("sends no check to the store: its name carries no mark of ours", async () => {
    const { here, there, calls } = makePair();
    const good = credentialOf(await signUp(here, email, "deny"));
    await there.start();
    calls.length = 0;
    const [, payload, signature] = good.split(".");
    for (let i = 0; i < 1000; i++) {
      const kid = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString("base64url");
      const header = Buffer.from(`{"alg":"EdDSA","typ":"at+jwt","kid":"${kid}"}`).toString("base64url");
      expect(await there.authenticate(request(`${header}.${payload}.${signature}`))).toEqual(invalid);
    }
    expect(calls).toEqual([]);
  });

  test("though one of ours once had its name is looked for once, by whoever never knew it", async () => {
    const { here, there, calls } = makePair();
    const old = await signUp(here, email, "deny");
    await here.api.rotateKeys({ compromised: true });
    await there.start();
    calls.length = 0;
    const [header = "", payload = ""] = credentialOf(old).split(".");
    for (let i = 0; i < 100; i++) {
      expect(await there.authenticate(request(`${header}.${payload}.${i}`))).toEqual(invalid);
    }
    // Under another algorithm it never was one of ours.
    const other = Buffer.from(Buffer.from(header, "base64url").toString().replace("EdDSA", "HS256"));
    expect(await there.authenticate(request(`${other.toString("base64url")}.${payload}.x`))).toEqual(invalid);
    expect(calls).toEqual(["listKeys"]);
  });
});

describe("the store does not answer", () => {
  const broken =
    (calls: { down: boolean }) =>
    (inner: Store): Store => ({
      ...inner,
      listKeys: () => (calls.down ? Promise.reject(new Error("down")) : inner.listKeys()),
    });

  test("a check that would need later keys says that it cannot tell; the keys go on being published", async () => {
    const state = { down: false };
    const { here, there, pass } = makePair({}, broken(state));
    const before = await signUp(here, email, "deny");
    await there.start();
    const [old] = await publishedBy(there);
    await here.api.rotateKeys({ compromised: true });
    state.down = true;
    const after = await signIn(here, email, "deny");
    for (const one of [before, after])
      await expect(check(there, one)).rejects.toMatchObject({ code: "cannot_tell" });
    pass(2);
    expect(await publishedBy(there)).toEqual([old]);
    state.down = false;
    expect([await check(there, before), (await check(there, after)).ok]).toEqual([invalid, true]);
  });

  test("a rotation whose keys cannot be read again says so, rather than that it is done", async () => {
    const state = { down: false };
    const { there } = makePair({}, (inner) => ({
      ...broken(state)(inner),
      rotateKey: async (rotation) => {
        const key = await inner.rotateKey(rotation);
        state.down = true;
        return key;
      },
    }));
    await there.start();
    await expect(there.api.rotateKeys({ compromised: true })).rejects.toMatchObject({ code: "cannot_tell" });
  });
});

test("a process whose tokens live shorter lets the keys live as long as the longest token that is out", async () => {
  const store = memoryStore();
  const common = { secret, store, clients, passwords: { hasher: plainHasher() } };
  const server = latchkey({ ...common, access: { expiresIn: 86_400 } });
  await signUp(server, email, "app");
  const commandLine = latchkey(common);
  const { activatesAt } = await commandLine.api.rotateKeys();
  const [before] = await commandLine.api.listKeys();
  expect((before?.retiresAt ?? 0) - activatesAt).toBeGreaterThanOrEqual(86_400_000);
});
