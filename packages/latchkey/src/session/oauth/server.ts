import type { AuthApi, CallContext } from "../../types.ts";
import { changesServer, type ServeChanges } from "../changes/serve.ts";
import type { ApiContext } from "../context.ts";
import { introspect } from "./introspect/introspect.ts";
import { metadata } from "./metadata.ts";
import { type OAuthAnswer, type OAuthRefusal, refuseOAuth } from "./refusal.ts";
import { revoke } from "./revoke.ts";
import { type OAuthRequest, token } from "./token.ts";

/** What stands behind the OAuth endpoints: for other programs, not for the application's own code. */
export interface OAuthServer {
  readonly token: (request: OAuthRequest, call: CallContext) => Promise<OAuthAnswer | OAuthRefusal>;
  readonly introspect: (request: OAuthRequest, call: CallContext) => Promise<OAuthAnswer | OAuthRefusal>;
  readonly revoke: (request: OAuthRequest, call: CallContext) => Promise<OAuthAnswer | OAuthRefusal>;
  readonly metadata: () => Promise<object>;
  readonly changes: ServeChanges;
}

/** Puts the endpoints on the verbs that people's own requests use too. */
export function oauthServer(
  context: ApiContext,
  api: Pick<AuthApi, "refresh" | "revokeSession">,
): OAuthServer {
  return {
    token: limited(context, (request, call) => token(context, api, request, call)),
    introspect: limited(context, (request) => introspect(context, request)),
    revoke: limited(context, (request, call) => revoke(context, api, request, call)),
    metadata: async () => metadata(context.settings),
    changes: changesServer(context),
  };
}

type Endpoint = OAuthServer["token"];

/** Each endpoint first asks for the caller's secret: whoever gave too many wrong ones has to wait. */
function limited({ guard }: ApiContext, endpoint: Endpoint): Endpoint {
  return async (request, call) => {
    const { presented } = request;
    if (presented?.secret == null) return endpoint(request, call);
    const attempt = await guard.service(presented.id, call.remoteAddress);
    if (attempt.ok) return attempt.judge(() => endpoint(request, call));
    return refuseOAuth("temporarily_unavailable", "Too many wrong secrets.", attempt.retryAfter);
  };
}
