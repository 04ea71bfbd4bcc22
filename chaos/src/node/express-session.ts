import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { RedisStore } from "connect-redis";
import express, { type NextFunction, type Request, type Response } from "express";
import session from "express-session";
import { createClient } from "redis";
import type { ServedNode } from "./main.ts";
import type { NodeSettings } from "./settings.ts";

declare module "express-session" {
  interface SessionData {
    user: string;
    seen: { [member: string]: number };
  }
}

/**
 * A small application with express-session and connect-redis, as their documentation has it: a set of session ids for
 * each user, so that all of them can be destroyed.
 */
export async function expressNode({ address }: NodeSettings): Promise<ServedNode> {
  const client = createClient({ url: address });
  client.on("error", () => undefined);
  await client.connect();
  const store = new RedisStore({ client });
  const destroy = (id: string): Promise<unknown> => new Promise((resolve) => store.destroy(id, resolve));
  const app = express();
  app.get("/bare", (_, response) => void response.json({}));
  app.use(express.json());
  app.use(session({ store, secret: "a secret", resave: false, saveUninitialized: false }));

  app.post("/sign-up", async (request, response) => {
    const { email, password } = request.body;
    const id = randomUUID();
    await client.hSet(`account:${email}`, { id, password });
    await signIn(request, response, id);
  });
  app.post("/sign-in", async (request, response) => {
    const { email, password } = request.body;
    const account = await client.hGetAll(`account:${email}`);
    if (account.password !== password) return void response.status(401).json({ code: "invalid_credentials" });
    if ((await client.exists(`banned:${account.id}`)) === 1)
      return void response.status(403).json({ code: "user_banned" });
    await signIn(request, response, account.id ?? "");
  });

  async function signIn(request: Request, response: Response, user: string): Promise<void> {
    await new Promise((resolve) => request.session.regenerate(resolve));
    request.session.user = user;
    await new Promise((resolve) => request.session.save(resolve));
    await client.sAdd(`sessions:${user}`, request.sessionID);
    response.json({ user, session: request.sessionID });
  }

  const signedIn = (request: Request, response: Response, next: NextFunction): void => {
    if (request.session.user === undefined) response.status(401).json({ code: "session_ended" });
    else next();
  };
  app.get("/me", signedIn, (_, response) => void response.json({}));
  app.get("/get", signedIn, (request, response) => {
    response.json({ seen: Object.keys(request.session.seen ?? {}) });
  });
  app.post("/work", signedIn, async (request, response) => {
    await sleep(Number(request.query.ms));
    request.session.seen = { ...request.session.seen, [String(request.query.member)]: 1 };
    response.json({});
  });
  app.post("/sign-out", signedIn, (request, response) => {
    request.session.destroy(() => void response.json({}));
  });
  app.post("/revoke", async (request, response) => {
    await destroy(request.body.session);
    response.json({});
  });
  app.post("/revoke-all", async (request, response) => {
    const { user, keep, ban } = request.body;
    if (ban === true) await client.set(`banned:${user}`, "1");
    for (const id of await client.sMembers(`sessions:${user}`)) if (id !== keep) await destroy(id);
    response.json({});
  });
  app.post("/unban", async (request, response) => {
    await client.del(`banned:${request.body.user}`);
    response.json({});
  });
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(503).json({ code: "cannot_tell" });
  });
  return { listener: app, close: async () => void client.destroy() };
}
