import type { Settings } from "../../types.ts";

const secretMethods = ["client_secret_basic", "client_secret_post"];

/**
 * What other programs find of this server by itself (RFC 8414, section 2). It names what is configured, so a client does
 * not try a grant that nobody here can use.
 */
export function metadata({ issuer, clients, services }: Settings): object {
  const refreshes = [...clients.values()].some(({ transport, refresh }) => transport === "bearer" && refresh);
  return {
    issuer,
    token_endpoint: `${issuer}/oauth2/token`,
    token_endpoint_auth_methods_supported: [...secretMethods, "none"],
    introspection_endpoint: `${issuer}/oauth2/introspect`,
    introspection_endpoint_auth_methods_supported: secretMethods,
    revocation_endpoint: `${issuer}/oauth2/revoke`,
    revocation_endpoint_auth_methods_supported: [...secretMethods, "none"],
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    // Not of RFC 8414: see docs/protocol-changes.md.
    changes_endpoint: `${issuer}/changes`,
    // There is no authorization endpoint: people sign in at our own routes.
    response_types_supported: [],
    grant_types_supported: [
      ...(refreshes ? ["refresh_token"] : []),
      ...(services.size > 0 ? ["client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"] : []),
    ],
  };
}
