import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from "fastify";
import type { Verdict } from "../guard/guard.ts";
import { addCookies } from "../node/respond.ts";

/** Goes on, or answers as the guard says. */
export function settle(
  verdict: Verdict,
  request: FastifyRequest,
  reply: FastifyReply,
  next: HookHandlerDoneFunction,
): void {
  const { auth, answer, setCookies } = verdict;
  request.auth = auth;
  addCookies(reply.raw, setCookies);
  if (answer === undefined) next();
  // Not as text, to which Fastify would add a character set (RFC 9457 knows none).
  else reply.code(answer.status).headers(answer.headers).send(Buffer.from(answer.body));
}

/** Apart, so that a closure is made only for what is waited for. */
export function settleLater(
  verdict: Promise<Verdict>,
  request: FastifyRequest,
  reply: FastifyReply,
  next: HookHandlerDoneFunction,
): void {
  void verdict.then((found) => settle(found, request, reply, next), next);
}
