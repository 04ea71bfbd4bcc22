import type { IncomingMessage } from "node:http";
import { asRenewed, type Call, type GuardRequest } from "../guard/guard.ts";

/** A request of Node's, with what frameworks add to it. */
export interface NodeRequest extends IncomingMessage {
  /** Connect, Express, Koa: the target before a mount took its path off. */
  originalUrl?: string;
  /** What a body parser made of the body. */
  body?: unknown;
  /** The body as it came, kept by some parsers and by platforms that read it themselves. */
  rawBody?: unknown;
}

/** Of these Node drops every one but the first (https://nodejs.org/api/http.html#messageheaders). */
const firstOnly = new Set(["authorization", "content-type", "host", "user-agent"]);

/** Reads from a Node request what a check asks for; makes no Fetch `Request` (P37). */
class Incoming implements GuardRequest {
  readonly carrier: NodeRequest;
  readonly #target: string | undefined;
  #authorization: string | null | undefined;

  constructor(incoming: NodeRequest, target: string | undefined) {
    this.carrier = incoming;
    this.#target = target;
  }

  get method(): string {
    return this.carrier.method ?? "GET";
  }

  get headers(): this {
    return this;
  }

  get target(): string {
    return this.#target ?? targetOf(this.carrier);
  }

  get remoteAddress(): string | undefined {
    return this.carrier.socket?.remoteAddress;
  }

  /**
   * A header as Fetch gives it: those that come several times are joined, cookies by a semicolon. Node does so itself
   * but for some, of which it keeps the first: whoever stands before us may have looked at the last.
   */
  get(name: string): string | null {
    const { headers, rawHeaders } = this.carrier;
    // The two that every check asks for are found sooner by names that stand here.
    if (name === "authorization") {
      if (this.#authorization === undefined)
        this.#authorization = allOf(rawHeaders, "authorization", joined(headers.authorization, ", "));
      return this.#authorization;
    }
    if (name === "cookie") return joined(headers.cookie, "; ");
    const lower = name.toLowerCase();
    const known = joined(headers[lower], lower === "cookie" ? "; " : ", ");
    return firstOnly.has(lower) ? allOf(rawHeaders, lower, known) : known;
  }
}

/** Some platforms that make requests themselves give a list. */
function joined(known: string | readonly string[] | undefined, separator: string): string | null {
  return typeof known === "object" ? known.join(separator) : (known ?? null);
}

/** What a header says over all its lines. Without raw lines (some platforms make requests themselves) it is one. */
function allOf(rawHeaders: readonly string[] | undefined, name: string, known: string | null): string | null {
  if (known === null || rawHeaders === undefined || !mayComeTwice(rawHeaders, name)) return known;
  const lines = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
  return lines.length < 2 ? known : lines.join(", ");
}

/** Whether two names are as long and begin alike, whatever their case: that is told without making another string. */
function mayComeTwice(rawHeaders: readonly string[], name: string): boolean {
  let lines = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const rawName = rawHeaders[at];
    if (rawName?.length === name.length && (rawName.charCodeAt(0) | lowerCase) === name.charCodeAt(0))
      lines += 1;
  }
  return lines > 1;
}

/** The bit by which a small letter differs from its capital (ASCII). */
const lowerCase = 32;

/** Path and query as the client asked for them, whatever they were mounted under. */
export function targetOf({ originalUrl, url }: Pick<NodeRequest, "originalUrl" | "url">): string {
  const target = originalUrl ?? url ?? "/";
  // A proxy is asked with the whole address (RFC 9112, section 3.2.2).
  if (target.startsWith("/") || !URL.canParse(target)) return target;
  const { pathname, search } = new URL(target);
  return pathname + search;
}

/** A Node request as a guard sees it. `target`: where a framework keeps it elsewhere than Express does. */
export function guardRequest(request: NodeRequest, target?: string): GuardRequest {
  return new Incoming(request, target);
}

/**
 * Where a call of `auth.api` comes from: the request, for the session it carries and the browser's name, and the address,
 * for limits and the audit log. `actor`: who does it, where somebody is signed in.
 */
export function callFrom(request: NodeRequest, actor?: string): Call {
  const seen = guardRequest(request);
  return { request: asRenewed(seen), remoteAddress: seen.remoteAddress, actor };
}
