import type { FastifyPluginCallback, FastifyReply, FastifyRequest, onRequestHookHandler } from "fastify";
import { metadataPaths } from "../http/oauth/paths.ts";
import type { Auth, Authenticated } from "../types.ts";
import { settle, settleLater } from "./fastify/settle.ts";
import { makeGuard } from "./guard/guard.ts";
import type { AdapterOptions, Requirement } from "./guard/requirement.ts";
import { askHandler } from "./node/fetch.ts";
import { guardRequest } from "./node/request.ts";

export { safeNext } from "./guard/safe-next.ts";
export { signedIn } from "./guard/signed-in.ts";
export { callFrom } from "./node/request.ts";
export { sendCookies } from "./node/respond.ts";
export type { Requirement };

/** Options of the plugin. */
export interface FastifyAuthOptions extends AdapterOptions {
  readonly auth: Auth;
}

declare module "fastify" {
  interface FastifyRequest {
    /** Who sent the request. Set by every guard, also to undefined. */
    auth: Authenticated | undefined;
  }
  interface FastifyInstance {
    /** A hook that lets those through who are signed in and have what is required: they are in `request.auth`. */
    requireAuth(requirement?: Requirement): onRequestHookHandler;
    /** A hook that lets everybody through: `request.auth` says who is signed in, if anybody. */
    optionalAuth(): onRequestHookHandler;
  }
  interface FastifyContextConfig {
    /** The routes of `auth.handler`, which asks by itself who is there. */
    latchkey?: true;
  }
}

/**
 * Marks what comes to the scope of these routes: that is seen at once, and the route itself, which costs more to look at, is
 * looked at there only. What an application puts into every scope is not ours.
 */
const mayBeOurs = Symbol("latchkey.mayBeOurs");

const register: FastifyPluginCallback<FastifyAuthOptions> = (fastify, { auth, ...options }, done) => {
  const onFault = (err: Error): void => fastify.log.warn({ err }, "could not tell who sent a request");
  const given = { onFault, ...options };

  function requireAuth(requirement: Requirement = {}): onRequestHookHandler {
    const guard = makeGuard(auth, requirement, given);
    return (request, reply, next) => {
      request.auth = undefined;
      // A hook of the whole application must not lock those out who come to sign in.
      if (mayBeOurs in request && request.routeOptions.config.latchkey) {
        next();
        return;
      }
      const verdict = guard(guardRequest(request.raw, request.originalUrl));
      if (verdict instanceof Promise) settleLater(verdict, request, reply, next);
      else settle(verdict, request, reply, next);
    };
  }

  const respond = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    // As it was routed, which `rewriteUrl` may have changed.
    const handed = { target: request.url, body: request.body };
    return reply.send(await askHandler(auth, request.raw, reply.raw, handed));
  };
  requireAuth();
  fastify.decorateRequest("auth", undefined);
  fastify.decorate("requireAuth", requireAuth);
  fastify.decorate("optionalAuth", () => requireAuth({ optional: true }));
  // In a scope of their own: bodies come to the handler as they are, whatever the application does with others.
  fastify.register((scope, _options, ready) => {
    scope.decorateRequest(mayBeOurs, { getter: () => true });
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, parsed) => parsed(null, payload));
    const { basePath } = auth;
    for (const url of [basePath, `${basePath}/*`, ...metadataPaths(basePath)])
      if (url.startsWith(`${scope.prefix}/`))
        scope.all(url.slice(scope.prefix.length), { config: { latchkey: true } }, respond);
    if (!basePath.startsWith(`${scope.prefix}/`))
      scope.log.warn(
        `auth.handler is not mounted: basePath ${basePath} is not below the prefix ${scope.prefix}`,
      );
    ready();
  });
  done();
};

/**
 * A plugin for Fastify 5: `fastify.requireAuth()` and `fastify.optionalAuth()` for hooks, `request.auth`, and the routes
 * of `auth.handler`. What it adds is there for the whole instance that registers it.
 *
 * @throws LatchkeyError `misuse` for an option that is none
 */
export const fastifyAuth: FastifyPluginCallback<FastifyAuthOptions> = Object.assign(register, {
  // What the package fastify-plugin does.
  [Symbol.for("skip-override")]: true,
  [Symbol.for("fastify.display-name")]: "latchkey",
  [Symbol.for("plugin-meta")]: { name: "latchkey", fastify: "5.x" },
});
