import { isCanonicalBase64url } from "../base64url.ts";
import type {
  CryptoDoor,
  MacKey,
  NodeCrypto,
  SecretJwk,
  SignatureAlgorithm,
  SignatureKey,
  VerifyingKey,
} from "./door.ts";

/** The digest that `node:crypto` is told to use; Ed25519 brings its own. */
const digests = { EdDSA: null, ES256: "sha256", RS256: "sha256" } as const;

/** What `node:crypto` calls the keys of each. */
const types = { EdDSA: "ed25519", ES256: "ec", RS256: "rsa" } as const;

/** The door over `node:crypto`: every operation but key generation answers at once. */
export function nodeDoor(node: NodeCrypto): CryptoDoor {
  return {
    sha256: (text) => node.createHash("sha256").update(text).digest("base64url"),
    macKey: (bytes) => macKey(node, bytes),
    generateKey: (algorithm) => generateKey(node, algorithm),
    signatureKey: (algorithm, jwk) => signatureKey(node, algorithm, jwk),
    verifyingKey: (algorithm, jwk) =>
      verifyingKey(node, algorithm, node.createPublicKey({ key: { ...jwk }, format: "jwk" })),
  };
}

function macKey(node: NodeCrypto, bytes: Uint8Array): MacKey {
  const key = node.createSecretKey(bytes);
  return { mac: (text) => node.createHmac("sha256", key).update(text).digest("base64url") };
}

/** By the thread pool: an RSA key takes a tenth of a second and more. */
function generateKey(node: NodeCrypto, algorithm: SignatureAlgorithm): Promise<SecretJwk> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _: unknown, key: import("node:crypto").KeyObject): void => {
      if (error === null) resolve({ kty: "", ...key.export({ format: "jwk" }) });
      else reject(error);
    };
    if (algorithm === "EdDSA") node.generateKeyPair("ed25519", {}, done);
    else if (algorithm === "ES256") node.generateKeyPair("ec", { namedCurve: "P-256" }, done);
    else node.generateKeyPair("rsa", { modulusLength: 2048 }, done);
  });
}

function signatureKey(node: NodeCrypto, algorithm: SignatureAlgorithm, jwk: SecretJwk): SignatureKey {
  const privateKey = node.createPrivateKey({ key: { ...jwk }, format: "jwk" });
  const digest = digests[algorithm];
  const signing = { key: privateKey, dsaEncoding } as const;
  return {
    ...verifyingKey(node, algorithm, node.createPublicKey(privateKey)),
    sign: (text) => node.sign(digest, Buffer.from(text), signing).toString("base64url"),
  };
}

/** JWS wants r and s side by side (RFC 7518, section 3.4), not DER. The others have no such choice and ignore it. */
const dsaEncoding = "ieee-p1363";

function verifyingKey(
  node: NodeCrypto,
  algorithm: SignatureAlgorithm,
  key: import("node:crypto").KeyObject,
): VerifyingKey {
  if (key.asymmetricKeyType !== types[algorithm])
    throw new TypeError(`a key of type ${key.asymmetricKeyType} is none for ${algorithm}`);
  const digest = digests[algorithm];
  const checking = { key, dsaEncoding } as const;
  return {
    verifySignature(text, signature) {
      // Buffer reads base64url leniently; only the canonical spelling may pass.
      if (!isCanonicalBase64url(signature)) return false;
      return node.verify(digest, Buffer.from(text), checking, Buffer.from(signature, "base64url"));
    },
  };
}
