import { Hono } from "hono";
import { LatchkeyError, refuse } from "../errors.ts";
import type { ConnectionInfo, Logger, Settings } from "../types.ts";
import { problemResponse } from "../write/problem.ts";
import { corsFor, headersFor, limitBody, noStore } from "./middleware.ts";
import type { HttpContext, Route } from "./route.ts";
import { routes } from "./routes.ts";

type Env = { Bindings: ConnectionInfo };

/** Answers everything under the base path. */
export function makeHandler(
  context: HttpContext,
  settings: Settings,
  logger: Logger | undefined,
): (request: Request, connection?: ConnectionInfo) => Promise<Response> {
  const app = new Hono<Env>({ strict: true }).basePath(settings.basePath);
  app.use("*", noStore, headersFor(settings), corsFor(settings), limitBody());
  for (const route of routes) mount(app, context, route);
  let document: Promise<object> | undefined;
  const openApi = async (): Promise<Response> => {
    document ??= import("./openapi.ts").then(({ openApiDocument }) => openApiDocument(routes, settings));
    return Response.json(await document);
  };
  mount(app, context, { method: "get", path: "/openapi.json", respond: openApi });
  app.notFound(() => problemResponse(refuse("not_found")));
  app.onError((error) => answerError(error, logger));
  return async (request, connection = {}) => app.fetch(request, connection);
}

function mount(
  app: Hono<Env>,
  context: HttpContext,
  route: Pick<Route, "method" | "path" | "respond">,
): void {
  app.on(route.method.toUpperCase(), route.path, (c) => route.respond(context, c.req.raw, c.env));
  app.all(route.path, () => {
    const response = problemResponse(refuse("method_not_allowed"));
    response.headers.set("allow", route.method === "get" ? "GET, HEAD" : "POST");
    return response;
  });
}

/** A fault becomes 503 or 501, anything unexpected 500; the log says which, the answer does not. */
function answerError(error: Error, logger: Logger | undefined): Response {
  if (error instanceof LatchkeyError) {
    logger?.warn({ err: error, code: error.code }, "could not answer");
    return problemResponse(error);
  }
  // Faults of the store come wrapped: this one is the client, gone in the middle of its body. Nobody reads the answer.
  if ("code" in error && error.code === "ECONNRESET") return problemResponse(refuse("invalid_input"));
  logger?.error({ err: error }, "unexpected error");
  return problemResponse(new LatchkeyError("internal", error.message));
}
