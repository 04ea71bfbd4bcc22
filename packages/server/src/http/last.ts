import type { Context } from "hono";
import { accepts } from "hono/accepts";
import { LatchkeyError, problemResponse } from "latchkey";
import { showPage } from "../pages/parts/answer.ts";
import { brokenPage, missingPage } from "../pages/parts/refused.ts";

/** The answer of an address that leads nowhere: a page for people, a problem for programs. */
export function answerMissing(c: Context): Response | Promise<Response> {
  return wantsPage(c) ? showPage(c, missingPage()) : problemResponse({ ok: false, code: "not_found" });
}

/** The answer to an error that nobody handled. The log has its words; whoever asked gets none of them. */
export function answerBroken(error: Error, c: Context): Response | Promise<Response> {
  if (error instanceof LatchkeyError) return problemResponse(error);
  return wantsPage(c) ? showPage(c, brokenPage()) : problemResponse({ ok: false, code: "internal" });
}

function wantsPage(c: Context): boolean {
  const json = "application/problem+json";
  const supports = ["text/html", "application/json", json];
  return accepts(c, { header: "Accept", supports, default: json }) === "text/html";
}
