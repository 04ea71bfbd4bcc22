import type { RequestListener } from "node:http";
import type { Auth } from "latchkey";
import { type AuthRequest, type NodeMiddleware, nodeAuth, signedIn } from "latchkey/node";

/** The contract of `Site` on Node's own server. */
export function nodeSite(auth: Auth): RequestListener {
  const { handler, requireAuth, optionalAuth } = nodeAuth(auth, { signIn: "/sign-in" });
  type Route = readonly [guard: NodeMiddleware, answer: (request: AuthRequest) => Promise<unknown> | unknown];
  const routes: { readonly [route: string]: Route } = {
    "GET /public": [optionalAuth(), (request) => ({ user: request.auth?.user.id ?? null })],
    "GET /me": [
      requireAuth(),
      (request) => {
        const { user, session, client } = signedIn(request);
        return { user, session, client };
      },
    ],
    "GET /admin": [requireAuth({ role: "admin" }), (request) => ({ user: signedIn(request).user.id })],
    "POST /notes": [
      requireAuth({ permission: "note:write" }),
      async (request) => ({ text: await readText(request), by: signedIn(request).user.id }),
    ],
    "GET /account": [requireAuth(), (request) => `<p>${signedIn(request).user.id}</p>`],
    "GET /broken": [
      requireAuth(),
      () => {
        throw new Error("broken by the application");
      },
    ],
  };

  return (request: AuthRequest, response) => {
    const fail = (error: unknown): void => {
      response.statusCode = error === undefined ? 404 : 500;
      response.end();
    };
    handler(request, response, (error) => {
      const method = request.method === "HEAD" ? "GET" : request.method;
      const route = routes[`${method} ${new URL(request.url ?? "", "http://localhost").pathname}`];
      if (error !== undefined || route === undefined) return fail(error);
      const [guard, answer] = route;
      return guard(request, response, (refused) => {
        if (refused !== undefined) return fail(refused);
        return new Promise((resolve) => resolve(answer(request))).then((body) => {
          if (typeof body === "string") response.setHeader("set-cookie", "seen=1");
          response.setHeader("content-type", typeof body === "string" ? "text/html" : "application/json");
          response.statusCode = request.method === "POST" ? 201 : 200;
          response.end(typeof body === "string" ? body : JSON.stringify(body));
        }, fail);
      });
    });
  };
}

async function readText(request: AuthRequest): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of request) chunks.push(chunk as Uint8Array);
  const text = Buffer.concat(chunks).toString();
  return request.headers["content-type"] === "application/json" ? JSON.parse(text).text : text;
}
