import { messageOf } from "../../errors.ts";
import type { OAuthAnswer, OAuthErrorCode, OAuthRefusal } from "../../session/oauth/refusal.ts";
import type { Logger } from "../../types.ts";
import { faultResponse } from "../../write/problem.ts";

/** What is not 400 (RFC 6749, section 5.2). */
const statuses: { readonly [Code in OAuthErrorCode]?: number } = {
  invalid_client: 401,
  temporarily_unavailable: 429,
};

const noStore = { "cache-control": "no-store" };

/** An answer, or an error of RFC 6749. Nobody may keep either (section 5.1). */
export function answerOAuth(result: OAuthAnswer | OAuthRefusal): Response {
  if (result.ok)
    return result.body === null ? new Response(null, { headers: noStore }) : json(result.body, 200);
  const { error, description, retryAfter } = result;
  const response = json({ error, error_description: description }, statuses[error] ?? 400);
  if (error === "invalid_client") response.headers.set("www-authenticate", 'Basic realm="latchkey"');
  if (retryAfter !== undefined) response.headers.set("retry-after", String(retryAfter));
  return response;
}

/**
 * What was thrown. 503 says that nothing was done, and that a token which was to be revoked must be taken to live on
 * (RFC 7009, section 2.2.1).
 */
export function answerFault(error: unknown, logger: Logger | undefined): Response {
  const { status, headers } = faultResponse(error, logger);
  const code = status === 503 ? "temporarily_unavailable" : "server_error";
  const words = messageOf(status === 503 ? "cannot_tell" : "internal");
  const response = json({ error: code, error_description: words }, status);
  const retryAfter = headers.get("retry-after");
  if (retryAfter !== null) response.headers.set("retry-after", retryAfter);
  return response;
}

function json(body: object, status: number): Response {
  return Response.json(body, { status, headers: noStore });
}
