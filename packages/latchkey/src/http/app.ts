import { Hono } from "hono";
import type { ConnectionInfo, Settings } from "../types.ts";
import { faultResponse, problemResponse } from "../write/problem.ts";
import { corsFor, headersFor, limitBody, noStore } from "./middleware.ts";
import { pathReader } from "./oauth/paths.ts";
import type { HttpContext, Route } from "./route.ts";
import { routes } from "./routes.ts";

type Env = { Bindings: ConnectionInfo };

/** Answers everything under the base path. */
export function makeHandler(
  context: HttpContext,
  settings: Settings,
): (request: Request, connection?: ConnectionInfo) => Promise<Response> {
  const getPath = pathReader(settings.basePath);
  const app = new Hono<Env>({ strict: true, getPath }).basePath(settings.basePath);
  app.use("*", noStore, headersFor(settings), corsFor(settings), limitBody());
  for (const route of routes) mount(app, context, route);
  let document: Promise<object> | undefined;
  const openApi = async (): Promise<Response> => {
    document ??= import("./openapi.ts").then(({ openApiDocument }) => openApiDocument(routes, settings));
    return Response.json(await document);
  };
  mount(app, context, { method: "get", path: "/openapi.json", respond: openApi });
  app.notFound(() => problemResponse({ ok: false, code: "not_found" }));
  app.onError((error) => faultResponse(error, context.logger));
  return async (request, connection = {}) => app.fetch(request, connection);
}

function mount(
  app: Hono<Env>,
  context: HttpContext,
  route: Pick<Route, "method" | "path" | "respond">,
): void {
  app.on(route.method.toUpperCase(), route.path, (c) => route.respond(context, c.req.raw, c.env));
  app.all(route.path, () => {
    const response = problemResponse({ ok: false, code: "method_not_allowed" });
    response.headers.set("allow", route.method === "get" ? "GET, HEAD" : "POST");
    return response;
  });
}
