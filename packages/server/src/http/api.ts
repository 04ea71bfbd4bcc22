import { getConnInfo } from "@hono/node-server/conninfo";
import { type Context, Hono } from "hono";
import { type Auth, type ConnectionInfo, metadataPaths } from "latchkey";

/** What clients look for at the root although the library answers it below its base path. */
const atRoot = ["/openapi.json", "/.well-known/jwks.json"];

/** The library's routes, ready to be mounted at the root. */
export function makeApi(auth: Auth, basePath: string): Hono {
  const app = new Hono();
  app.all(`${basePath}/*`, (c) => auth.handler(c.req.raw, connectionOf(c)));
  // Between host and path of the issuer (RFC 8414, section 3.1); the library knows these paths itself.
  for (const path of metadataPaths(basePath)) {
    app.all(path, (c) => auth.handler(c.req.raw, connectionOf(c)));
  }
  for (const path of atRoot) {
    app.get(path, (c) => {
      const url = new URL(basePath + path, c.req.url);
      return auth.handler(new Request(url, { headers: c.req.raw.headers }), connectionOf(c));
    });
  }
  return app;
}

function connectionOf(c: Context): ConnectionInfo {
  return { remoteAddress: getConnInfo(c).remote.address };
}
