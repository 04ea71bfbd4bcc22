import { Hono } from "hono";
import { demoPage } from "../pages/demo.ts";
import { showPage } from "../pages/parts/answer.ts";
import type { Site } from "../pages/site.ts";
import { showMe } from "./me.ts";

/** What `--demo` adds: a front page that says what to try, and a protected route to try it on. */
export function makeDemo({ auth, baseURL }: Site): Hono {
  const app = new Hono();
  app.get("/", (c) => showPage(c, demoPage(baseURL)));
  app.get("/api/me", (c) => showMe(auth, c));
  return app;
}
