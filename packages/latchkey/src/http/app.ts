import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { LatchkeyError, refuse } from "../errors.ts";
import type { ConnectionInfo, Logger, Settings } from "../types.ts";
import { problemResponse } from "../write/problem.ts";
import { accountRoutes } from "./account.ts";
import { metaRoutes } from "./meta.ts";
import type { HttpContext, Route } from "./route.ts";
import { sessionRoutes } from "./sessions.ts";
import { signInRoutes } from "./sign-in.ts";

/** Largest request body, in bytes. */
const maxBody = 64 * 1024;

type Env = { Bindings: ConnectionInfo };

const routes: readonly Route[] = [...signInRoutes, ...sessionRoutes, ...accountRoutes, ...metaRoutes];

/** Answers everything under the base path. */
export function makeHandler(
  context: HttpContext,
  settings: Settings,
  logger: Logger | undefined,
): (request: Request, connection?: ConnectionInfo) => Promise<Response> {
  const app = new Hono<Env>({ strict: true }).basePath(settings.basePath);
  app.use("*", noStore, headersFor(settings), corsFor(settings), limitBody());
  for (const route of routes) mount(app, context, route);
  app.get("/openapi.json", async () => {
    const { openApiDocument } = await import("./openapi.ts");
    return Response.json(openApiDocument(routes, settings));
  });
  app.notFound(() => problemResponse(refuse("not_found")));
  app.onError((error) => answerError(error, logger));
  return async (request, connection = {}) => app.fetch(request, connection);
}

function mount(app: Hono<Env>, context: HttpContext, route: Route): void {
  app.on(route.method.toUpperCase(), route.path, (c) => route.respond(context, c.req.raw, c.env));
  app.all(route.path, () => {
    const response = problemResponse(refuse("method_not_allowed"));
    response.headers.set("allow", route.method === "get" ? "GET, HEAD" : "POST");
    return response;
  });
}

/** Nothing is kept by caches unless a route says otherwise (the public keys do). */
async function noStore(c: Context<Env>, next: () => Promise<void>): Promise<void> {
  await next();
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
}

function headersFor(settings: Settings): ReturnType<typeof secureHeaders> {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    referrerPolicy: "same-origin",
    strictTransportSecurity: settings.secure ? "max-age=31536000; includeSubDomains" : false,
    xFrameOptions: "DENY",
  });
}

/** Trusted origins only, by name: an origin is never echoed because it asked. */
function corsFor(settings: Settings): ReturnType<typeof cors> {
  return cors({
    origin: (origin) => (settings.origins.has(origin) ? origin : null),
    credentials: true,
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "idempotency-key"],
    maxAge: 600,
  });
}

function limitBody(): ReturnType<typeof bodyLimit> {
  return bodyLimit({ maxSize: maxBody, onError: () => problemResponse(refuse("body_too_large")) });
}

/** A fault becomes 503 or 501, anything unexpected 500; the log says which, the answer does not. */
function answerError(error: Error, logger: Logger | undefined): Response {
  if (error instanceof LatchkeyError) {
    logger?.warn({ err: error, code: error.code }, "could not answer");
    return problemResponse(error);
  }
  logger?.error({ err: error }, "unexpected error");
  return problemResponse(new LatchkeyError("internal", error.message));
}
