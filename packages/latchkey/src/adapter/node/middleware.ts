import type { IncomingMessage, ServerResponse } from "node:http";
import type { Authenticated } from "../../types.ts";
import type { Guard, Verdict } from "../guard/guard.ts";
import { guardRequest } from "./request.ts";
import { addCookies, writeAnswer } from "./respond.ts";

/** A request that a guard has looked at. No more than that: Express infers from it what its routes see. */
export interface AuthRequest extends IncomingMessage {
  /** Who sent it. Set by every guard, also to undefined. */
  auth?: Authenticated | undefined;
}

/** A middleware as Connect knows it. `next(error)` is called for an error that is not ours to answer. */
export type NodeMiddleware = (
  request: AuthRequest,
  response: ServerResponse,
  next: (error?: unknown) => unknown,
) => void;

/** Lets through whom the guard lets through, at once where it answers at once. */
export function guarding(guard: Guard): NodeMiddleware {
  return (request, response, next) => {
    request.auth = undefined;
    let verdict: ReturnType<Guard>;
    try {
      verdict = guard(guardRequest(request));
    } catch (error) {
      next(error);
      return;
    }
    // Apart, so that what is thrown behind `next` is never taken for an error of ours.
    if (verdict instanceof Promise) settleLater(verdict, request, response, next);
    else settle(verdict, request, response, next);
  };
}

type Next = Parameters<NodeMiddleware>[2];

function settle(verdict: Verdict, request: AuthRequest, response: ServerResponse, next: Next): void {
  const { auth, answer, setCookies } = verdict;
  request.auth = auth;
  addCookies(response, setCookies);
  if (answer === undefined) next();
  else writeAnswer(response, answer);
}

/** Apart, so that a closure is made only for what is waited for. */
function settleLater(
  verdict: Promise<Verdict>,
  request: AuthRequest,
  response: ServerResponse,
  next: Next,
): void {
  void verdict.then((found) => settle(found, request, response, next), next);
}
