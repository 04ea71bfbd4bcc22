import { z } from "zod";

/** Shapes for the OpenAPI document. The endpoints read their forms themselves: RFC 6749 says what to do with each. */

const client = {
  client_id: z.string().optional().meta({ description: "Unless `Authorization: Basic` says it." }),
  client_secret: z.string().optional(),
};
const text = z.string();
const scope = text.optional().meta({ description: "Separated by spaces." });

export const tokenForm: z.ZodType = z.object({
  ...client,
  grant_type: z.enum([
    "client_credentials",
    "refresh_token",
    "urn:ietf:params:oauth:grant-type:token-exchange",
  ]),
  audience: text.optional(),
  resource: text.optional().meta({ description: "The same as `audience`, as a URI (RFC 8707)." }),
  scope,
  refresh_token: text.optional(),
  subject_token: text.optional().meta({ description: "An access or session token of ours." }),
  subject_token_type: text.optional(),
  requested_token_type: text.optional(),
});

/** Of introspection and revocation. */
export const oneTokenForm: z.ZodType = z.object({
  ...client,
  token: text,
  token_type_hint: text.optional(),
});

export const tokens: z.ZodType = z
  .object({
    access_token: text,
    token_type: z.literal("Bearer"),
    expires_in: z.number().int(),
    scope,
    refresh_token: text.optional(),
    issued_token_type: text.optional(),
  })
  .meta({ id: "OAuthTokens" });

export const active: z.ZodType = z
  .object({
    active: z.boolean(),
    scope,
    client_id: text.optional(),
    username: text.optional(),
    token_type: z.enum(["Bearer", "refresh_token"]).optional(),
    exp: z.number().int().optional(),
    iat: z.number().int().optional(),
    sub: text.optional(),
    aud: text.optional(),
    iss: text.optional(),
    jti: text.optional(),
    sid: text.optional(),
  })
  .meta({ id: "Introspection" });

export const revoked: z.ZodType = z.object({
  until: z.iso.datetime().optional().meta({
    description: "How long an access token is still accepted that is checked by its signature alone.",
  }),
});

export const metadata: z.ZodType = z.object({ issuer: z.url() }).loose().meta({ id: "OAuthMetadata" });

export const oauthError: z.ZodType = z
  .object({ error: text, error_description: text })
  .meta({ id: "OAuthError" });

export const exchangeBody: z.ZodType<{
  readonly audience: string;
  readonly scope?: string | undefined;
  readonly expiresIn?: number | undefined;
}> = z.strictObject({
  audience: z.string().min(1).max(200),
  scope: z.string().min(1).max(1000).optional().meta({ description: "Separated by spaces." }),
  expiresIn: z.number().int().positive().optional().meta({ description: "Seconds." }),
});

export const exchanged: z.ZodType = z
  .object({ accessToken: text, tokenType: z.literal("Bearer"), expiresIn: z.number().int() })
  .meta({ id: "ExchangedToken" });
