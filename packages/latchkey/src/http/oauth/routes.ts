import type { OAuthServer } from "../../session/oauth/server.ts";
import { publicGet, type Route } from "../route.ts";
import { answerFault, answerOAuth } from "./answer.ts";
import { readClient } from "./client.ts";
import { readForm } from "./form.ts";
import { jsonRoutes } from "./json/routes.ts";
import { metadataPath } from "./paths.ts";
import { active, metadata, oneTokenForm, revoked, tokenForm, tokens } from "./schemas.ts";

type Endpoint = Exclude<keyof OAuthServer, "metadata" | "changes">;

/** For other programs. Whoever calls is known by what the request says itself: cookies are neither read nor written. */
export const oauthRoutes: readonly Route[] = [
  ...jsonRoutes,
  endpoint("token", {
    path: "/oauth2/token",
    summary: "Tokens for other programs (RFC 6749, RFC 8693)",
    body: tokenForm,
    answer: tokens,
  }),
  endpoint("introspect", {
    path: "/oauth2/introspect",
    summary: "What a token is worth at this moment, for services (RFC 7662)",
    body: oneTokenForm,
    answer: active,
  }),
  endpoint("revoke", {
    path: "/oauth2/revoke",
    summary: "End the session behind a token (RFC 7009)",
    body: oneTokenForm,
    answer: revoked,
  }),
  publicGet(metadataPath, "Where what is offered (RFC 8414)", metadata, async ({ oauth }) =>
    Response.json(await oauth.metadata()),
  ),
];

function endpoint(name: Endpoint, description: Pick<Route, "path" | "summary" | "body" | "answer">): Route {
  return {
    ...description,
    method: "post",
    status: 200,
    signedIn: false,
    oauth: true,
    async respond({ oauth, logger }, request, { remoteAddress }) {
      const read = await readForm(request);
      if (!read.ok) return answerOAuth(read);
      const found = readClient(request.headers.get("authorization"), read.form);
      if (!found.ok) return answerOAuth(found);
      const { form } = read;
      const { presented } = found;
      const answer = oauth[name]({ form, presented }, { request, remoteAddress });
      return answer.then(answerOAuth, (error: unknown) => answerFault(error, logger));
    },
  };
}
