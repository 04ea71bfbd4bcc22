import type { RotateKey, Store } from "../../../types.ts";
import { refreshable, token } from "../refresh/present.ts";
import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { anEntry, aSessionId, type ContractCase } from "../stage/scene.ts";
import { aKey } from "./first.ts";

/** A rotation to that key: it signs after a minute, and what it replaces is accepted for an hour more. */
function to(id: string, wanted: Partial<RotateKey> = {}): RotateKey {
  const key = aKey(id, "access", "EdDSA");
  const audit = anEntry("keys_rotated", { detail: { id } });
  return { key, activatesIn: 60_000, overlap: 3_600_000, compromised: false, audit, ...wanted };
}

async function idsIn(store: Store): Promise<readonly string[]> {
  return (await store.listKeys()).keys.map(({ id }) => id);
}

/** What the port says of replacing keys. */
export const rotationCases: readonly ContractCase[] = [
  [
    "rotateKey adds a key that signs later; those of its purpose are accepted until after that",
    async ({ store, clock }) => {
      const start = clock.read();
      await store.addFirstKey(aKey("a", "access", "HS256"));
      await store.addFirstKey(aKey("r", "refresh", "HS256"));
      const [before, other] = (await store.listKeys()).keys;
      clock.advance(5);
      const activatesAt = start + 60_005;
      const added = { ...aKey("b", "access", "EdDSA"), createdAt: start + 5, activatesAt, retiresAt: null };
      equal(await store.rotateKey(to("b")), added, "the new key");
      const retiresAt = activatesAt + 3_600_000;
      const keys = [{ ...before, retiresAt }, other, added];
      equal(await store.listKeys(), { keys, keysVersion: 3 }, "all keys");
      clock.advance(retiresAt - clock.read() - 1);
      equal(await idsIn(store), ["a", "r", "b"], "until the old one retires");
      clock.advance(1);
      equal(await idsIn(store), ["r", "b"], "then");
    },
  ],
  [
    "a key that is replaced is accepted for as long as the longest token that anybody has declared",
    async ({ store, clock }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      await store.declareLongest({ life: 86_400_000, lease: 1000 });
      await store.rotateKey(to("b"));
      const [a] = (await store.listKeys()).keys;
      equal(a?.retiresAt, clock.read() + 60_000 + 86_400_000, "when it retires");
    },
  ],
  [
    "while a key waits to become active a rotation answers with it and changes nothing",
    async ({ store, clock }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      const added = await store.rotateKey(to("b"));
      const before = await store.listKeys();
      clock.advance(59_999);
      equal(await store.rotateKey(to("c")), added, "the answer");
      equal(await store.listKeys(), before, "the keys");
      equal((await store.listAudit({ limit: 9 })).length, 1, "how often it was written down");
      const ofAnother = await store.rotateKey(to("r", { key: aKey("r", "refresh", "HS256") }));
      equal(ofAnother.id, "r", "a key of another purpose");
      clock.advance(1);
      equal((await store.rotateKey(to("c"))).id, "c", "once it is active");
      const [a, b] = (await store.listKeys()).keys;
      equal(a, before.keys[0], "the first, which was replaced before");
      equal(b?.retiresAt, clock.read() + 60_000 + 3_600_000, "when the second retires");
    },
  ],
  [
    "a compromised rotation signs at once, and retires all that it replaces, also what was waiting",
    async ({ store, clock }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      await store.addFirstKey(aKey("r", "refresh", "HS256"));
      await store.rotateKey(to("b"));
      clock.advance(10);
      const added = await store.rotateKey(to("c", { compromised: true }));
      equal([added.activatesAt, added.retiresAt], [clock.read(), null], "its times");
      equal(await idsIn(store), ["r", "c"], "what is left");
      equal((await store.readSession(aSessionId())).keysVersion, 4, "the version");
      equal(await store.addFirstKey(aKey("d", "access", "EdDSA")), false, "a first key beside it");
      equal((await store.listAudit({ limit: 9 })).length, 2, "how often it was written down");
    },
  ],
  [
    "every step that gives somebody a credential tells the version of the keys at that moment",
    async ({ store }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      const { user, session, keysVersion } = await refreshable(store);
      await store.rotateKey(to("b", { compromised: true }));
      const refreshed = await store.refreshSession(token(session, 0));
      await store.rotateKey(to("c", { compromised: true }));
      const change = { userId: user.id, epoch: 0, passwordHash: "$new", keep: null, audit: null };
      const changed = await store.changePassword(change);
      const told = [refreshed, changed].map((answer) => answer.ok && answer.keysVersion);
      equal([keysVersion, ...told], [1, 2, 3], "the versions");
      equal((await store.readSession(session.id)).keysVersion, 3, "of a read");
    },
  ],
  [
    "addFirstKey adds a key where all of its purpose and algorithm are retired",
    async ({ store, clock }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      await store.rotateKey(to("b", { key: aKey("b", "access", "ES256"), activatesIn: 0, overlap: 10 }));
      equal(await store.addFirstKey(aKey("c", "access", "EdDSA")), false, "before");
      clock.advance(10);
      equal(await store.addFirstKey(aKey("c", "access", "EdDSA")), true, "after");
      equal(await idsIn(store), ["b", "c"], "the keys");
      equal((await store.listKeys()).keysVersion, 3, "the version");
    },
  ],
  [
    "purgeSessions forgets keys that have been retired for longer than age",
    async ({ store, clock }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      await store.rotateKey(to("b", { compromised: true }));
      clock.advance(1000);
      equal(await store.purgeSessions(1000, 0), 0, "while it is younger");
      equal(await store.resealKey("a", "sealed a", "anew"), true, "whether it is there");
      clock.advance(1);
      equal(await store.purgeSessions(1000, 9), 0, "how many sessions were purged");
      equal(await store.resealKey("a", "anew", "again"), false, "whether it is there then");
      equal(await idsIn(store), ["b"], "what is left");
    },
  ],
  [
    "of many who rotate at once all get the same key, and it is written down once",
    async ({ store, handles }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      const added = await atOnce(20, handles, (on, i) => on.rotateKey(to(`k${i}`)));
      equal(new Set(added.map(({ id }) => id)).size, 1, "how many keys they got");
      equal(await idsIn(store), ["a", added[0]?.id], "the keys");
      equal((await store.listAudit({ limit: 99 })).length, 1, "how often it was written down");
    },
  ],
  [
    "of many rotations of a compromised key each retires the one before: one key is left",
    async ({ store, handles }) => {
      await store.addFirstKey(aKey("a", "access", "EdDSA"));
      await atOnce(10, handles, (on, i) => on.rotateKey(to(`k${i}`, { compromised: true })));
      equal((await idsIn(store)).length, 1, "how many keys are accepted");
      equal((await store.listKeys()).keysVersion, 11, "the version");
    },
  ],
];
