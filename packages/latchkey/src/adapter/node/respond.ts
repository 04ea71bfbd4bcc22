import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import onHeaders from "on-headers";
import type { SignedIn, SignedOut } from "../../types.ts";
import type { Answer } from "../../write/problem.ts";
import { cookiesOf } from "../guard/signed-in.ts";

/** Headers that the application's own are joined with; every other one of ours takes the place of its own. */
const joined = new Set(["set-cookie", "vary"]);

/**
 * Adds cookies to a response in the moment it goes out: whatever the application sets until then, error pages that begin
 * with removing all headers included, can neither lose them nor let a cache keep them.
 */
export function addCookies(response: ServerResponse, setCookies: readonly string[]): void {
  if (setCookies.length === 0) return;
  onHeaders(response, () => {
    response.appendHeader("set-cookie", setCookies);
    response.setHeader("cache-control", "no-store");
  });
}

/** Sets what a sign-in or sign-out gives a cookie client, beside what the application sets itself. */
export function sendCookies(response: ServerResponse, result: SignedIn | SignedOut): void {
  addCookies(response, cookiesOf(result));
}

/** Answers as a guard says. Does nothing where somebody has answered meanwhile. */
export function writeAnswer(response: ServerResponse, { status, headers, body }: Answer): void {
  if (response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader("content-length", Buffer.byteLength(body));
  response.end(body);
}

/** Writes a Fetch `Response`, piece by piece as it comes. A client that has left is no error. */
export async function writeResponse(response: ServerResponse, from: Response): Promise<void> {
  if (response.headersSent) return;
  response.statusCode = from.status;
  for (const [name, value] of from.headers) {
    if (joined.has(name)) response.appendHeader(name, value);
    else response.setHeader(name, value);
  }
  if (from.body === null) {
    response.end();
    return;
  }
  try {
    await pipeline(streamOf(from.body), response);
  } catch (error) {
    if (!response.destroyed) throw error;
  }
}

/** A body as Node knows streams. */
export function streamOf(body: ReadableStream<Uint8Array>): Readable {
  return Readable.fromWeb(body as import("node:stream/web").ReadableStream<Uint8Array>);
}
