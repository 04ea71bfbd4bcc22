import type { AuthApi, CallContext } from "../../types.ts";
import type { ApiContext } from "../context.ts";
import { findCaller, findService, type PresentedClient } from "./caller.ts";
import { clientCredentials } from "./grants/client-credentials.ts";
import { refreshTokenGrant } from "./grants/refresh-token.ts";
import { tokenExchange } from "./grants/token-exchange.ts";
import { type Form, type OAuthAnswer, type OAuthRefusal, refuseOAuth } from "./refusal.ts";
import { readWanted } from "./wanted.ts";

/** A request to one of the OAuth endpoints. */
export interface OAuthRequest {
  readonly form: Form;
  readonly presented: PresentedClient | undefined;
}

/** The token endpoint (RFC 6749, section 3.2): whoever asks is known before anything else of the request counts. */
export async function token(
  context: ApiContext,
  api: Pick<AuthApi, "refresh">,
  { form, presented }: OAuthRequest,
  call: CallContext,
): Promise<OAuthAnswer | OAuthRefusal> {
  const grant = form.get("grant_type");
  switch (grant) {
    case "client_credentials":
    case "urn:ietf:params:oauth:grant-type:token-exchange": {
      const caller = await findService(context.settings, presented);
      if (!caller.ok) return caller;
      if (grant !== "client_credentials") return tokenExchange(context, caller.service, form, call);
      const wanted = readWanted(context.settings, caller.service, form);
      return wanted.ok ? clientCredentials(context, caller.service, wanted, call) : wanted;
    }
    case "refresh_token": {
      const caller = await findCaller(context.settings, presented);
      if (!caller.ok) return caller;
      if (caller.client === undefined)
        return refuseOAuth("unauthorized_client", "A service has no refresh tokens.");
      return refreshTokenGrant(context, api, caller.client, form, call);
    }
    case undefined:
      return refuseOAuth("invalid_request", "grant_type: missing.");
    default:
      return refuseOAuth("unsupported_grant_type", "No such grant is offered here.");
  }
}
