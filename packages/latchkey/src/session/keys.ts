import { makeKey } from "../token/keyring/sealed-key.ts";
import { makeKeyId } from "../token/signed/key-id.ts";
import type { AuthApi, PublicKey, StoredKey } from "../types.ts";
import type { ApiContext } from "./context.ts";
import { auditEntry } from "./events/entry.ts";

/** A new key is published for so long before it signs: twice as long as others may keep the JWK set. */
const publishedFor = 600_000;
/** Clocks of those who check our tokens may be off by so much. */
const skew = 300_000;

/** The life of the keys for access tokens. */
export function keysApi(context: ApiContext): Pick<AuthApi, "rotateKeys" | "listKeys"> {
  const { store, settings, events, keyring, reloadKeys } = context;
  return {
    async rotateKeys({ compromised = false } = {}, call = {}) {
      const [secret = ""] = settings.secrets;
      const { algorithm } = settings;
      const id = await makeKeyId((await keyring()).macs.device, algorithm);
      const key = await makeKey(secret, { id, purpose: "access", algorithm });
      const audit = auditEntry("keys_rotated", call, { detail: { kid: key.id, compromised } });
      const rotated = await store.rotateKey({
        key,
        activatesIn: publishedFor,
        overlap: settings.access.expiresIn * 1000 + skew,
        compromised,
        audit,
      });
      await reloadKeys();
      // While a key waits for its turn, asking again adds none.
      if (rotated.id === key.id) events.emit(audit);
      return { ok: true, kid: rotated.id, activatesAt: rotated.activatesAt };
    },
    async listKeys() {
      const { keys } = await store.listKeys();
      return keys.filter(({ purpose }) => purpose === "access").map(showKey);
    },
  };
}

function showKey({ id: kid, algorithm, createdAt, activatesAt, retiresAt }: StoredKey): PublicKey {
  return { kid, algorithm, createdAt, activatesAt, retiresAt };
}
