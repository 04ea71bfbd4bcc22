// @ts-check
import { once } from "node:events";
import { createServer } from "node:http";
import { serve as serveHono } from "@hono/node-server";
import express from "express";
import fastifyMaker from "fastify";
import { Hono } from "hono";
import Koa from "koa";
import { expressAuth } from "latchkey/express";
import { fastifyAuth } from "latchkey/fastify";
import { honoAuth } from "latchkey/hono";
import { koaAuth } from "latchkey/koa";
import { nodeAuth } from "latchkey/node";
import { site } from "./next.js";
import { peers } from "./peers.js";

/** @typedef {import("./guards.js").Guard} Guard */

/** @param {import("node:http").Server} server */
async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const world = () => "world";

/** Every framework answers `hello <id>`, or 401. @type {Record<string, (guard: Guard) => Promise<number>>} */
export const frameworks = {
  node({ auth, find, next = world }) {
    const answer = (
      /** @type {import("node:http").ServerResponse} */ response,
      /** @type {string} */ who,
    ) => {
      response.setHeader("content-type", "text/plain");
      response.end(`hello ${who}`);
    };
    if (auth !== undefined) {
      const guard = nodeAuth(auth).requireAuth();
      return listen(
        createServer((request, response) =>
          guard(request, response, () => answer(response, /** @type {any} */ (request).auth.user.id)),
        ),
      );
    }
    return listen(
      createServer((request, response) => {
        const who = find === undefined ? next() : find(request.headers.authorization);
        if (who !== undefined) return answer(response, who);
        response.statusCode = 401;
        response.end();
      }),
    );
  },

  async hono({ auth, find, peer, next = world, isAround = false }) {
    const app = new Hono();
    if (isAround && auth !== undefined) {
      app.get(
        "/",
        honoAuth(auth).withAuth({}, (c) => c.text(`hello ${c.get("auth").user.id}`)),
      );
    } else if (isAround && find !== undefined) {
      app.get("/", (c) => {
        const who = find(c.req.header("authorization"));
        return who === undefined ? c.text("", 401) : c.text(`hello ${who}`);
      });
    } else if (auth !== undefined) {
      app.get("/", honoAuth(auth).requireAuth(), (c) => c.text(`hello ${c.get("auth").user.id}`));
    } else if (find !== undefined) {
      /** @type {import("hono").MiddlewareHandler} */
      const byHand = (c, goOn) => {
        const who = find(c.req.header("authorization"));
        if (who === undefined) return Promise.resolve(c.text("", 401));
        c.set("who", who);
        return /** @type {Promise<any>} */ (goOn());
      };
      app.get("/", byHand, (c) => c.text(`hello ${c.get(/** @type {never} */ ("who"))}`));
    } else if (peer !== undefined) await peers[peer.kind]?.(app, peer);
    else app.get("/", (c) => c.text(`hello ${next()}`));
    return new Promise((resolve) => {
      serveHono({ fetch: app.fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => resolve(port));
    });
  },

  async fastify({ auth, find, peer, next = world }) {
    const app = fastifyMaker();
    if (auth !== undefined) {
      await app.register(fastifyAuth, { auth });
      app.get("/", { onRequest: app.requireAuth() }, (request, reply) =>
        reply.send(`hello ${request.auth?.user.id}`),
      );
    } else if (find !== undefined) {
      app.decorateRequest("who", "");
      app.addHook("onRequest", (request, reply, goOn) => {
        const who = find(request.headers.authorization);
        if (who === undefined) return reply.code(401).send();
        /** @type {any} */ (request).who = who;
        goOn();
      });
      app.get("/", (request, reply) => reply.send(`hello ${/** @type {any} */ (request).who}`));
    } else if (peer !== undefined) await peers[peer.kind]?.(app, peer);
    else app.get("/", (_request, reply) => reply.send(`hello ${next()}`));
    await app.listen({ port: 0, host: "127.0.0.1" });
    return app.addresses()[0]?.port ?? 0;
  },

  async koa({ auth, find, peer, next = world }) {
    const app = new Koa();
    if (auth !== undefined) app.use(koaAuth(auth).requireAuth());
    else if (find !== undefined) {
      app.use((ctx, goOn) => {
        const who = find(ctx.req.headers.authorization);
        if (who === undefined) {
          ctx.status = 401;
          return undefined;
        }
        ctx.state.who = who;
        return goOn();
      });
    } else if (peer !== undefined) await peers[peer.kind]?.(app, peer);
    const isOpen = auth === undefined && find === undefined && peer === undefined;
    app.use((ctx) => {
      const { auth: found, who, user } = ctx.state;
      ctx.body = `hello ${isOpen ? next() : (found?.user.id ?? who ?? user?.sub)}`;
    });
    return listen(createServer(app.callback()));
  },

  async express({ auth, find, peer, next = world }) {
    const app = express();
    const answer = (
      /** @type {import("express").Response} */ response,
      /** @type {string | undefined} */ who,
    ) => response.type("text").send(`hello ${who}`);
    if (auth !== undefined) {
      app.get("/", expressAuth(auth).requireAuth(), ({ auth: found }, response) => {
        answer(response, found?.user.id);
      });
    } else if (find !== undefined) {
      /** @type {import("express").RequestHandler} */
      const byHand = (request, response, goOn) => {
        const who = find(request.headers.authorization);
        if (who === undefined) {
          response.sendStatus(401);
          return;
        }
        /** @type {any} */ (request).who = who;
        goOn();
      };
      app.get("/", byHand, (request, response) => {
        answer(response, /** @type {any} */ (request).who);
      });
    } else {
      if (peer !== undefined) await peers[peer.kind]?.(app, peer);
      app.get("/", (request, response) => {
        answer(response, peer === undefined ? next() : /** @type {any} */ (request).session?.user);
      });
    }
    return listen(createServer(app));
  },

  /** A route of an application that `bench/http/next.js` has built: it finds the guard here. */
  async next(guard) {
    const { default: makeNext } = await import("next");
    Object.assign(globalThis, { latchkeyBench: { next: world, ...guard } });
    const app = makeNext({ dir: site, dev: false, hostname: "127.0.0.1", port: 0 });
    await app.prepare();
    return listen(createServer(app.getRequestHandler()));
  },
};
