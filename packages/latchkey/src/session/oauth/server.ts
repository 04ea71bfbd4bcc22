import type { AuthApi, CallContext } from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { introspect } from "./introspect/introspect.ts";
import { metadata } from "./metadata.ts";
import type { OAuthAnswer, OAuthRefusal } from "./refusal.ts";
import { revoke } from "./revoke.ts";
import { type OAuthRequest, token } from "./token.ts";

/** What stands behind the OAuth endpoints: for other programs, not for the application's own code. */
export interface OAuthServer {
  readonly token: (request: OAuthRequest, call: CallContext) => Promise<OAuthAnswer | OAuthRefusal>;
  readonly introspect: (request: OAuthRequest, call: CallContext) => Promise<OAuthAnswer | OAuthRefusal>;
  readonly revoke: (request: OAuthRequest, call: CallContext) => Promise<OAuthAnswer | OAuthRefusal>;
  readonly metadata: () => Promise<object>;
}

/** Puts the endpoints on the verbs that people's own requests use too. */
export function oauthServer(
  context: ApiContext,
  api: Pick<AuthApi, "refresh" | "revokeSession">,
): OAuthServer {
  return {
    token: (request, call) => token(context, api, request, call),
    introspect: (request) => introspect(context, request),
    revoke: (request, call) => revoke(context, api, request, call),
    metadata: async () => metadata(context.settings),
  };
}
