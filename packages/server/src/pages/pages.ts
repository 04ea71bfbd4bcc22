import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { LatchkeyError, statusOf } from "latchkey";
import { maxFormSize, readForm } from "../forms/read-form.ts";
import { showPage } from "./parts/answer.ts";
import { brokenPage, cannotTellPage, refusedPage } from "./parts/refused.ts";
import { routes } from "./routes.ts";
import type { Site } from "./site.ts";

/** The pages, ready to be mounted at the root. Forms work without a script; every POST is checked for its origin. */
export function makePages(site: Site): Hono {
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: maxFormSize,
    onError: (c) => showPage(c, refusedPage({ ok: false, code: "body_too_large" })),
  });
  for (const { path, show, post } of routes) {
    if (show !== undefined) app.get(path, (c) => show({ c, site }));
    if (post === undefined) continue;
    app.post(path, limit, async (c) => {
      const form = await readForm(site.auth, c);
      return form.ok ? post({ c, site, form }) : showPage(c, refusedPage(form));
    });
  }
  app.onError((error, c) => showFault(error, c));
  return app;
}

/** A fault is a page of its own: an outage must look neither like being signed out nor like a wrong password. */
function showFault(error: Error, c: Context): Response | Promise<Response> {
  if (!(error instanceof LatchkeyError) || statusOf(error.code) === 500) return showPage(c, brokenPage());
  if (error.retryAfter !== undefined) c.header("retry-after", String(error.retryAfter));
  return showPage(c, cannotTellPage(statusOf(error.code)));
}
