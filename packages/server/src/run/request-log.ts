import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { LatchkeyError } from "latchkey";
import type { Log } from "./log.ts";

const longestPath = 200;

/**
 * One line for each request: method, path, status, milliseconds and an id that the answer carries too, so that a
 * person can quote it. Never the query: links hold one-time tokens there. A foreseen fault brings its reason, one that
 * nobody foresaw its stack.
 */
export function requestLog(log: Log): MiddlewareHandler {
  return async (c, next) => {
    const requestId = randomUUID();
    const started = performance.now();
    await next();
    c.res.headers.set("x-request-id", requestId);
    const ms = Math.round((performance.now() - started) * 10) / 10;
    const fields = { requestId, method: c.req.method, path: c.req.path.slice(0, longestPath) };
    const answer = { ...fields, status: c.res.status, ms };
    if (c.error === undefined) log.info(answer, "request");
    else if (c.error instanceof LatchkeyError) log.warn({ ...answer, reason: c.error.message }, "request");
    else log.error({ ...answer, err: c.error }, "request");
  };
}
