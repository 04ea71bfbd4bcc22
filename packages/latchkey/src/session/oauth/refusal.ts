/** The errors of the OAuth endpoints: RFC 6749, section 5.2; RFC 8693, section 2.2.2; RFC 7009, section 2.2.1. */
export type OAuthErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "invalid_scope"
  | "invalid_target"
  | "unsupported_token_type"
  | "temporarily_unavailable";

/** An expected "no" of an OAuth endpoint: a value, never thrown. */
export interface OAuthRefusal {
  readonly ok: false;
  readonly error: OAuthErrorCode;
  /** Words for whoever writes the client; of the request they repeat nothing. */
  readonly description: string;
  /** For `temporarily_unavailable`: seconds after which trying again makes sense. */
  readonly retryAfter?: number;
}

/** Makes a refusal. */
export function refuseOAuth(error: OAuthErrorCode, description: string, retryAfter?: number): OAuthRefusal {
  return { ok: false, error, description, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

/** The parameters of a request, each given once and not empty. */
export type Form = ReadonlyMap<string, string>;

/** The members of a successful answer. */
export interface OAuthAnswer {
  readonly ok: true;
  /** null: there is nothing to say. */
  readonly body: { readonly [member: string]: unknown } | null;
}
