import type { RequestLike } from "../../types.ts";
import type { Answer } from "../../write/problem.ts";
import { safeNext } from "./safe-next.ts";
import { pathOf } from "./target.ts";

/**
 * Whether a person waits for the answer as a page: a browser navigates there (Fetch Metadata, W3C), or, where it does
 * not say so, it would like HTML.
 */
export function isPage({ method, headers }: RequestLike): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  const mode = headers.get("sec-fetch-mode");
  return mode === null ? (headers.get("accept")?.includes("text/html") ?? false) : mode === "navigate";
}

/**
 * Sends somebody to the page that signs in, and says where they came from. undefined: they are on that page, and would
 * be sent around in a circle.
 */
export function toSignIn(signIn: string, target: string): Answer | undefined {
  if (pathOf(signIn) === pathOf(target)) return undefined;
  const next = safeNext(target, "");
  const separator = signIn.includes("?") ? "&" : "?";
  const location = next === "" ? signIn : `${signIn}${separator}next=${encodeURIComponent(next)}`;
  return { status: 303, headers: { location, "cache-control": "no-store" }, body: "" };
}
