import { latchkey } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test, vi } from "vitest";
import { countingStore } from "../../support/counting-store.ts";
import { plainHasher } from "../../support/plain-hasher.ts";
import { bearerRequest } from "../../support/requests.ts";
import { baseURL, secret } from "../../support/stage.ts";

/** All that P36 forbids while an authenticator is made: randomness, crypto, timers, files, the network. */
const watched: readonly (readonly [name: string, owner: object, method: string])[] = [
  ["getRandomValues", globalThis.crypto, "getRandomValues"],
  ["randomUUID", globalThis.crypto, "randomUUID"],
  ["Math.random", Math, "random"],
  ["fetch", globalThis, "fetch"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask"].map(
    (name) => [name, globalThis, name] as const,
  ),
  ...["importKey", "generateKey", "deriveKey", "digest", "encrypt", "sign"].map(
    (name) => [`subtle.${name}`, globalThis.crypto.subtle, name] as const,
  ),
  ["Date.now", Date, "now"],
];

/** Runs some work and tells which of the watched functions it called. */
async function calledDuring(work: () => unknown): Promise<string[]> {
  const spies = watched.map(([name, owner, method]) => {
    return [name, vi.spyOn(owner as { [method: string]: () => void }, method)] as const;
  });
  try {
    await work();
    return spies.filter(([, spy]) => spy.mock.calls.length > 0).map(([name]) => name);
  } finally {
    for (const [, spy] of spies) spy.mockRestore();
  }
}

describe("P36: latchkey()", () => {
  test("does no I/O, takes no random numbers and starts no timers", async () => {
    const { store, calls } = countingStore(memoryStore());
    const hasher = plainHasher();
    const made = await calledDuring(() => {
      latchkey({ secret, baseURL, store });
      latchkey({ secret: [secret, secret], store, keys: { algorithm: "HS256" }, passwords: { hasher } });
    });
    expect(made).toEqual([]);
    expect(calls).toEqual([]);
    expect(hasher.calls).toEqual([]);
  });

  test("nor does checking the origin of a request", async () => {
    const { store, calls } = countingStore(memoryStore());
    const auth = latchkey({ secret, baseURL, store });
    expect(await calledDuring(() => auth.checkOrigin(bearerRequest("t")))).toEqual([]);
    expect(calls).toEqual([]);
  });

  test("the start does them, so they would have been seen", async () => {
    const { store, calls } = countingStore(memoryStore());
    const auth = latchkey({ secret, baseURL, store });
    const called = await calledDuring(() => auth.start());
    expect(called).toEqual(expect.arrayContaining(["getRandomValues", "subtle.deriveKey", "Date.now"]));
    expect(calls).toContain("start");
  });

  test("the first check starts what was not started", async () => {
    const { store, calls } = countingStore(memoryStore());
    const auth = latchkey({ secret, baseURL, store });
    expect(await auth.authenticate(bearerRequest("t"))).toEqual({ ok: false, code: "credential_invalid" });
    expect(calls).toContain("start");
  });
});
