import { type Auth, latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { expect, test } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { credentialOf, secret, signIn, signUp } from "../../support/stage.ts";

/** Two processes on one store and one clock. */
function makePair(): { here: Auth; there: Auth; pass: (seconds: number) => void } {
  let time = 1_800_000_000_000;
  const clock = (): number => time;
  const store = memoryStore({ clock });
  const clients = { app: { transport: "bearer", strategy: "jwt" } } as const;
  const options = { secret, store, clock, clients, rateLimit: false as const };
  const make = (): Auth => latchkey({ ...options, passwords: { hasher: plainHasher() } });
  return { here: make(), there: make(), pass: (seconds) => (time += seconds * 1000) };
}

const request = (token: string): Request =>
  new Request("http://localhost/", { headers: { authorization: `Bearer ${token}` } });

async function publishedBy(auth: Auth): Promise<string[]> {
  const response = await auth.handler(new Request("http://localhost/api/auth/jwks"));
  const { keys } = (await response.json()) as { keys: { kid: string }[] };
  return keys.map(({ kid }) => kid);
}

test("a compromised key is dead here at once, and elsewhere after the next reading: for signing and in the key set too", async () => {
  const { here, there, pass } = makePair();
  const before = credentialOf(await signUp(here, "ada@example.com"));
  expect((await there.authenticate(request(before))).ok).toBe(true);
  const { kid } = await here.api.rotateKeys({ compromised: true });
  expect(await here.authenticate(request(before))).toEqual({ ok: false, code: "credential_invalid" });
  expect(await publishedBy(here)).toEqual([kid]);
  pass(61);
  await there.authenticate(request(before)); // reads the keys again, off its path
  await there.api.getUser({ email: "ada@example.com" });
  await new Promise((done) => setTimeout(done, 50));
  expect(await there.authenticate(request(before))).toEqual({ ok: false, code: "credential_invalid" });
  expect(await publishedBy(there)).toEqual([kid]);
  const after = credentialOf(await signIn(there, "ada@example.com"));
  for (const auth of [here, there]) expect((await auth.authenticate(request(after))).ok).toBe(true);
});

test("a rotation whose keys cannot be read again says so, rather than that it is done", async () => {
  const inner = memoryStore();
  let down = false;
  const listKeys: typeof inner.listKeys = () => (down ? Promise.reject(new Error("down")) : inner.listKeys());
  const rotateKey: typeof inner.rotateKey = async (rotation) => {
    const key = await inner.rotateKey(rotation);
    down = true;
    return key;
  };
  const auth = latchkey({ secret, store: { ...inner, listKeys, rotateKey } });
  await auth.start();
  await expect(auth.api.rotateKeys({ compromised: true })).rejects.toMatchObject({ code: "cannot_tell" });
});
