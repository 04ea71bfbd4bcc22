import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import type { Log } from "./log.ts";

const longestPath = 200;

/**
 * One line for each request: method, path, status, milliseconds and an id that the answer carries too, so that a
 * person can quote it. Never the query: links hold one-time tokens there.
 */
export function requestLog(log: Log): MiddlewareHandler {
  return async (c, next) => {
    const requestId = randomUUID();
    const started = performance.now();
    await next();
    c.res.headers.set("x-request-id", requestId);
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const path = c.req.path.slice(0, longestPath);
    if (c.error !== undefined) log.error({ requestId, err: c.error }, "request failed");
    log.info({ requestId, method: c.req.method, path, status: c.res.status, ms }, "request");
  };
}
