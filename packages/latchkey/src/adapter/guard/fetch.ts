import type { CheckContext } from "../../types.ts";
import type { Answer } from "../../write/problem.ts";
import type { GuardRequest } from "./guard.ts";

/** What else is known of a request. */
export type Fetching = Pick<GuardRequest, "context" | "renewable">;

const nothing: Fetching = {};

/** Reads from a Fetch `Request` what a check asks for. A class: one with a getter of its own for each request costs more. */
class Fetched implements GuardRequest {
  readonly method: string;
  readonly headers: this;
  readonly context: CheckContext | undefined;
  readonly renewable: boolean | undefined;
  readonly carrier: Request;
  readonly #address: () => string | undefined;
  #authorization: string | null | undefined;

  constructor(request: Request, address: () => string | undefined, { context, renewable }: Fetching) {
    this.method = request.method;
    this.headers = this;
    this.context = context;
    this.renewable = renewable;
    this.carrier = request;
    this.#address = address;
  }

  /** A check does not ask for it, and some frameworks have to look for it. */
  get remoteAddress(): string | undefined {
    return this.#address();
  }

  get target(): string {
    return targetOf(this.carrier.url);
  }

  /** Every part of a check asks for the one header first; some frameworks look for it anew each time. */
  get(name: string): string | null {
    if (name !== "authorization") return this.carrier.headers.get(name);
    if (this.#authorization === undefined) this.#authorization = this.carrier.headers.get(name);
    return this.#authorization;
  }
}

/** A Fetch `Request` as a guard sees it. */
export function fetchRequest(
  request: Request,
  address: () => string | undefined,
  more: Fetching = nothing,
): GuardRequest {
  return new Fetched(request, address, more);
}

/** Path and query of a URL. */
export function targetOf(url: string): string {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** An answer as a Fetch `Response`, with the cookies to set. */
export function answerResponse({ status, headers, body }: Answer, setCookies: readonly string[]): Response {
  const response = new Response(body === "" ? null : body, { status, headers });
  for (const cookie of setCookies) response.headers.append("set-cookie", cookie);
  return response;
}
