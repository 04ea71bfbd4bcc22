import { z } from "zod";
import { createDocument, type ZodOpenApiPathsObject } from "zod-openapi";
import type { Settings } from "../types.ts";
import { oauthError } from "./oauth/schemas.ts";
import type { Route } from "./route.ts";
import { problem } from "./schemas.ts";

/** The OpenAPI 3.1 document of the routes, from the schemas that check them. */
export function openApiDocument(routes: readonly Route[], settings: Settings): object {
  const cookies = [...settings.clients.values()].filter(({ transport }) => transport === "cookie");
  const cookieSchemes = cookies.map(({ name, cookieName }) => [
    `cookie-${name}`,
    { type: "apiKey" as const, in: "cookie" as const, name: cookieName },
  ]);
  const schemes = {
    bearer: { type: "http" as const, scheme: "bearer" },
    client: { type: "http" as const, scheme: "basic" },
    ...Object.fromEntries(cookieSchemes),
  };
  return createDocument({
    openapi: "3.1.0",
    info: { title: "Latchkey", version: "1", description: "Sign-in, sessions and accounts." },
    servers: [{ url: settings.issuer }],
    paths: Object.fromEntries(routes.map((route) => [route.path, describe(route, Object.keys(schemes))])),
    components: { securitySchemes: schemes },
  });
}

const confirmQuery = z.object({
  confirm: z.literal("true").optional().meta({
    description: "Answer once every process that checks credentials knows, with a receipt.",
  }),
});

function describe(route: Route, schemes: readonly string[]): ZodOpenApiPathsObject[string] {
  const media = route.oauth ? "application/x-www-form-urlencoded" : "application/json";
  const answered = route.events ? "text/event-stream" : "application/json";
  const requestBody = { requestBody: { content: { [media]: { schema: route.body } } } };
  const refused = route.oauth
    ? { "application/json": { schema: oauthError } }
    : { "application/problem+json": { schema: problem } };
  return {
    [route.method]: {
      operationId: route.path
        .slice(1)
        .replaceAll(/[^a-z]+([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      summary: route.summary,
      ...(route.signedIn ? { security: schemes.map((name) => ({ [name]: [] })) } : {}),
      ...(route.method === "post" ? requestBody : {}),
      ...(route.confirms ? { requestParams: { query: confirmQuery } } : {}),
      responses: {
        [route.status]: { description: "Done", content: { [answered]: { schema: route.answer } } },
        default: { description: "A problem", content: refused },
      },
    },
  };
}
