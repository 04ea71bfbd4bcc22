import type { IncomingMessage, ServerResponse } from "node:http";
import { refuse } from "../../errors.ts";
import type { Auth } from "../../types.ts";
import { problemResponse } from "../../write/problem.ts";
import { findBody, type Parsed } from "./body.ts";
import { guardRequest, type NodeRequest } from "./request.ts";

/** A host that means nothing: which one people use is for `baseURL` to say, not for a client. */
const host = "http://localhost";
/** A Fetch `Request` cannot have these methods (Fetch, section 2.2.1). */
const unspeakable = new Set(["CONNECT", "TRACE", "TRACK"]);
/** What a body that was written anew no longer is. */
const ofTheBody = ["content-length", "content-encoding", "transfer-encoding"];
/** How long the rest of a body that nobody wants is still taken, in milliseconds, so that its sender sees the answer. */
const patience = 500;

/** Where a framework keeps what Express keeps in the request. */
export interface Handed extends Parsed {
  readonly target?: string | undefined;
}

/**
 * Lets `auth.handler` answer a Node request.
 *
 * @throws LatchkeyError `misuse` if the body is gone
 */
export async function askHandler(
  auth: Pick<Auth, "handler">,
  request: NodeRequest,
  response: ServerResponse,
  handed: Handed = request,
): Promise<Response> {
  const found = findBody(request, handed);
  response.once("finish", () => {
    found.release();
    drain(request);
  });
  const seen = guardRequest(request, handed.target);
  const { method, target, remoteAddress } = seen;
  if (unspeakable.has(method)) return problemResponse(refuse("method_not_allowed"));
  // A backslash would become a slash on the way.
  if (!target.startsWith("/") || /[\\#]/.test(target)) return problemResponse(refuse("invalid_input"));
  const headers = new Headers();
  for (const name of Object.keys(request.headers)) {
    if (!name.startsWith(":")) headers.set(name, seen.headers.get(name) ?? "");
  }
  if (found.rewritten) for (const name of ofTheBody) headers.delete(name);
  if (found.body instanceof Uint8Array) headers.set("content-length", String(found.body.byteLength));
  const init = { method, headers, body: found.body, signal: signalOf(response), duplex: "half" };
  return auth.handler(new Request(host + target, init), { remoteAddress });
}

/** Fires if the client leaves before it has its answer. */
function signalOf(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

/** The answer is out, and the rest of the body stands between it and the next request of this connection. */
function drain(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed || request.httpVersionMajor > 1) return;
  // Platforms and tests that make requests themselves have nothing there that could be closed.
  const socket: Partial<IncomingMessage["socket"]> | undefined = request.socket;
  const timer = setTimeout(() => socket?.destroySoon?.(), patience);
  const done = (): void => clearTimeout(timer);
  request.once("end", done).once("close", done).resume();
}
