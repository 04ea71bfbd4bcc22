import { Hono, type MiddlewareHandler } from "hono";
import { makeApi } from "./http/api.ts";
import { makeDemo } from "./http/demo.ts";
import { makeFiles } from "./http/files.ts";
import { securityHeaders } from "./http/headers.ts";
import { answerBroken, answerMissing } from "./http/last.ts";
import { makePages } from "./pages/pages.ts";
import type { Site } from "./pages/site.ts";

/** What an app is made of. */
export interface AppParts {
  readonly site: Site;
  readonly basePath: string;
  readonly demo: boolean;
  readonly log: MiddlewareHandler;
}

/** All that this server answers. */
export function makeApp({ site, basePath, demo, log }: AppParts): Hono {
  const app = new Hono();
  app.use(log, securityHeaders(site.baseURL));
  app.route("/", makeApi(site.auth, basePath));
  app.route("/", makePages(site));
  app.route("/", makeFiles());
  if (demo) app.route("/", makeDemo(site));
  else app.get("/", (c) => c.redirect("/account", 303));
  app.notFound(answerMissing);
  app.onError(answerBroken);
  return app;
}
