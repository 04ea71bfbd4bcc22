import { Hono } from "hono";
import { assets } from "../assets.ts";

const aYear = "public, max-age=31536000, immutable";

/** The style sheet and the icon. Pages ask for them by contents, so browsers may keep them. */
export function makeFiles(): Hono {
  const app = new Hono();
  for (const { file, type, content } of Object.values(assets)) {
    app.get(file, (c) => c.body(content, 200, { "content-type": type, "cache-control": aYear }));
  }
  return app;
}
