import type { KeyAlgorithm, KeyPurpose } from "../../../types.ts";
import type { NewKey } from "../../records.ts";
import { equal, rejectsWith } from "../stage/assert.ts";
import { aSessionId, type ContractCase } from "../stage/scene.ts";

/** A key nobody has yet. */
export function aKey(id: string, purpose: KeyPurpose, algorithm: KeyAlgorithm): NewKey {
  return { id, purpose, algorithm, sealed: `sealed ${id}`, publicJwk: algorithm === "EdDSA" ? "{}" : null };
}

/** What the port says of keys, and of a store as a whole. */
export const firstKeyCases: readonly ContractCase[] = [
  [
    "addFirstKey adds a key unless one of its purpose and algorithm exists; listKeys gives the oldest first",
    async ({ store, clock }) => {
      const active = () => ({ createdAt: clock.read(), activatesAt: clock.read(), retiresAt: null });
      equal(await store.listKeys(), { keys: [], keysVersion: 0 }, "at first");
      const first = { ...aKey("z", "session", "HS256"), ...active() };
      equal(await store.addFirstKey(aKey("z", "session", "HS256")), true, "the first");
      clock.advance(1);
      equal(await store.addFirstKey(aKey("b", "session", "HS256")), false, "another of the kind");
      const second = { ...aKey("a", "access", "HS256"), ...active() };
      equal(await store.addFirstKey(aKey("a", "access", "HS256")), true, "of another purpose");
      clock.advance(1);
      const third = { ...aKey("m", "access", "EdDSA"), ...active() };
      equal(await store.addFirstKey(aKey("m", "access", "EdDSA")), true, "of another algorithm");
      equal(await store.listKeys(), { keys: [first, second, third], keysVersion: 3 }, "all keys");
      equal((await store.readSession(aSessionId())).keysVersion, 3, "what a read tells");
    },
  ],
  [
    "resealKey replaces the sealed half if it still is as it was read",
    async ({ store }) => {
      await store.addFirstKey(aKey("k", "access", "EdDSA"));
      equal(await store.resealKey("k", "sealed k", "sealed anew"), true, "as it was read");
      equal(await store.resealKey("k", "sealed k", "late"), false, "as it was before");
      equal(await store.resealKey("other", "sealed k", "late"), false, "no such key");
      equal(
        (await store.listKeys()).keys.map(({ sealed }) => sealed),
        ["sealed anew"],
        "what is kept",
      );
    },
  ],
  [
    "start may be called again; close too, and after it the store cannot tell",
    async ({ store }) => {
      await Promise.all([store.start(), store.start()]);
      equal(await store.listKeys(), { keys: [], keysVersion: 0 }, "after a second start");
      await Promise.all([store.close(), store.close()]);
      await store.close();
      await rejectsWith("cannot_tell", store.readSession(aSessionId()), "a read");
      await rejectsWith("cannot_tell", store.endEverything(), "a write");
      await rejectsWith("cannot_tell", store.start(), "a start");
    },
  ],
];
