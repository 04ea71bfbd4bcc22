import { isCanonicalBase64url } from "../base64url.ts";
import type { CryptoDoor, MacKey, NodeCrypto, SecretJwk, SignatureKey } from "./door.ts";

/** 64 bytes in base64url. */
const ed25519SignatureLength = 86;

/** The door over `node:crypto`: every operation but key generation answers at once. */
export function nodeDoor(node: NodeCrypto): CryptoDoor {
  return {
    sha256: (text) => node.createHash("sha256").update(text).digest("base64url"),
    macKey: (bytes) => macKey(node, bytes),
    async generateEd25519() {
      const { privateKey } = node.generateKeyPairSync("ed25519");
      return { kty: "OKP", ...privateKey.export({ format: "jwk" }) };
    },
    ed25519Key: (jwk) => ed25519Key(node, jwk),
  };
}

function macKey(node: NodeCrypto, bytes: Uint8Array): MacKey {
  const key = node.createSecretKey(bytes);
  return { mac: (text) => node.createHmac("sha256", key).update(text).digest("base64url") };
}

function ed25519Key(node: NodeCrypto, jwk: SecretJwk): SignatureKey {
  const privateKey = node.createPrivateKey({ key: { ...jwk }, format: "jwk" });
  const publicKey = node.createPublicKey(privateKey);
  return {
    sign: (text) => node.sign(null, Buffer.from(text), privateKey).toString("base64url"),
    verifySignature(text, signature) {
      // Buffer reads base64url leniently; only the canonical spelling may pass.
      if (signature.length !== ed25519SignatureLength || !isCanonicalBase64url(signature)) return false;
      return node.verify(null, Buffer.from(text), publicKey, Buffer.from(signature, "base64url"));
    },
  };
}
