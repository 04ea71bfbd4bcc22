import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { refuse } from "../errors.ts";
import type { Settings } from "../types.ts";
import { problemResponse } from "../write/problem.ts";

/** Largest request body, in bytes. */
const maxBody = 64 * 1024;

/** Nothing is kept by caches unless a route says otherwise (the public keys do). */
export async function noStore(c: Context, next: () => Promise<void>): Promise<void> {
  await next();
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
}

/** Security headers of an API: nothing of it is a document. */
export function headersFor(settings: Settings): ReturnType<typeof secureHeaders> {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    referrerPolicy: "same-origin",
    strictTransportSecurity: settings.secure ? "max-age=31536000; includeSubDomains" : false,
    xFrameOptions: "DENY",
  });
}

/** Trusted origins only, by name: an origin is never echoed because it asked. */
export function corsFor(settings: Settings): ReturnType<typeof cors> {
  return cors({
    origin: (origin) => (settings.origins.has(origin) ? origin : null),
    credentials: true,
    allowMethods: ["GET", "POST"],
    allowHeaders: ["authorization", "content-type", "idempotency-key"],
    exposeHeaders: ["retry-after"],
    maxAge: 600,
  });
}

/** Larger bodies are turned away before they are read. */
export function limitBody(): ReturnType<typeof bodyLimit> {
  return bodyLimit({ maxSize: maxBody, onError: () => problemResponse(refuse("body_too_large")) });
}
