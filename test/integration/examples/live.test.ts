import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express, { type RequestHandler } from "express";
import type { Auth } from "latchkey";
import { expressAuth } from "latchkey/express";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { WebSocket } from "ws";
import { type Program, startProgram } from "../../support/servers/program.ts";
import { takeFile } from "../adapters/scenario.ts";
import { Visitor } from "../adapters/visitor.ts";

const admin = { email: "root@example.com", password: "the password of whoever is in charge" };
const folder = mkdtempSync(join(tmpdir(), "latchkey-example-"));
let program: Program;
let people = 0;

beforeAll(async () => {
  program = await startProgram("examples/live/server.js", {
    ...{ PORT: "0", DATABASE: join(folder, "app.db") },
    ...{ ADMIN_EMAIL: admin.email, ADMIN_PASSWORD: admin.password },
  });
});
afterAll(async () => {
  await program.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What came in, and whether it is over. */
interface Line {
  readonly heard: string[];
  ended: boolean;
}

async function openEvents(cookie: string): Promise<Line> {
  const sent = request(`${program.url}/events`, { headers: { cookie } });
  sent.end();
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  expect([response.statusCode, response.headers["content-type"]]).toEqual([
    200,
    "text/event-stream; charset=utf-8",
  ]);
  onTestFinished(() => void sent.destroy());
  const line: Line = { heard: [], ended: false };
  response.setEncoding("utf8").on("data", (text: string) => {
    for (const [, event, data] of text.matchAll(/^event: (.*)\ndata: (.*)$/gm))
      line.heard.push(`${event} ${data}`);
  });
  response.once("end", () => {
    line.ended = true;
  });
  return line;
}

const socketUrl = (): string => `${program.url.replace("http", "ws")}/socket`;

async function openSocket(cookie: string): Promise<Line> {
  const socket = new WebSocket(socketUrl(), { headers: { cookie }, origin: program.url });
  onTestFinished(() => socket.terminate());
  const line: Line = { heard: [], ended: false };
  socket.on("message", (raw) => {
    const { event, data } = JSON.parse(String(raw));
    line.heard.push(`${event} ${JSON.stringify(data)}`);
  });
  socket.once("close", (code, reason) => {
    line.heard.push(`end ${JSON.stringify({ code: String(reason) })}`);
    line.ended = code === 4401;
  });
  await once(socket, "open");
  return line;
}

async function arrive() {
  const visitor = new Visitor(program.url, "web", "cookie");
  const { json } = await visitor.signUp({
    email: `person-${people++}@example.com`,
    password: "correct horse battery",
  });
  const { user } = json as { user: { id: string } };
  const root = new Visitor(program.url, "web", "cookie");
  await root.signIn(admin);
  return { visitor, userId: user.id, root };
}

describe.each([
  ["server-sent events", openEvents],
  ["a WebSocket", openSocket],
])("%s", (_, open) => {
  test("hears of a new role, of news from then on, and ends with a ban", async () => {
    const { visitor, userId, root } = await arrive();
    const line = await open(visitor.cookie);
    await expect.poll(() => line.heard).toEqual(["roles []"]);
    await root.post("/news", { text: "not for you yet" });
    await root.post("/api/auth/admin/set-role", { userId, roles: ["reader"] });
    await expect.poll(() => line.heard).toEqual(["roles []", 'roles ["reader"]']);
    expect((await root.post("/news", { text: "hello" })).status).toBe(204);
    await expect.poll(() => line.heard.at(-1)).toBe('news {"text":"hello"}');
    const started = performance.now();
    await root.post("/api/auth/admin/ban-user", { userId });
    await expect.poll(() => line.ended, { interval: 5 }).toBe(true);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(line.heard.at(-1)).toBe('end {"code":"session_ended"}');
    expect(line.heard).toHaveLength(4);
  });

  test("ends with a sign-out on another device", async () => {
    const { visitor } = await arrive();
    const line = await open(visitor.cookie);
    await visitor.post("/api/auth/sign-out", {});
    await expect.poll(() => line.ended).toBe(true);
  });
});

test("nobody gets in without a session, nor from a page of another site", async () => {
  const { visitor } = await arrive();
  expect((await new Visitor(program.url, "web", "cookie").get("/events")).status).toBe(401);
  const attempts = [
    [{ origin: program.url }, 401],
    [{ headers: { cookie: visitor.cookie }, origin: "https://evil.example" }, 403],
    [{ headers: { cookie: visitor.cookie } }, 403],
  ] as const;
  for (const [options, status] of attempts) {
    const socket = new WebSocket(socketUrl(), options);
    socket.on("error", () => undefined);
    const [, response] = (await once(socket, "unexpected-response")) as [unknown, IncomingMessage];
    expect(response.statusCode).toBe(status);
    socket.terminate();
  }
});

describe("on the way out", () => {
  async function startAnother() {
    const database = join(folder, `other-${people++}.db`);
    const other = await startProgram("examples/live/server.js", { PORT: "0", DATABASE: database });
    onTestFinished(async () => void (await other.stop()));
    const visitor = new Visitor(other.url, "web", "cookie");
    await visitor.signUp({ email: "ada@example.com", password: "correct horse battery" });
    return { other, database, cookie: visitor.cookie };
  }

  test("a server that is asked to stop closes its sockets, and does", async () => {
    const { other, cookie } = await startAnother();
    const socket = new WebSocket(`${other.url.replace("http", "ws")}/socket`, {
      ...{ headers: { cookie }, origin: other.url },
    });
    await once(socket, "message");
    const closed = once(socket, "close");
    expect(await other.stop()).toBe(0);
    expect((await closed)[0]).toBe(1001);
  });

  test("where it cannot be told whether a session holds, a socket is closed, and told to come back", async () => {
    const { other, database, cookie } = await startAnother();
    const socket = new WebSocket(`${other.url.replace("http", "ws")}/socket`, {
      ...{ headers: { cookie }, origin: other.url },
    });
    await once(socket, "message");
    const closed = once(socket, "close");
    const bringBack = takeFile(database);
    const [code, reason] = await closed;
    expect([code, String(reason)]).toEqual([1013, "stale"]);
    bringBack();
  });
});

test("whoever leaves while they are looked up is not kept", async () => {
  vi.stubEnv("DATABASE", join(folder, "here.db"));
  vi.stubEnv("BASE_URL", undefined); // Vite has one of its own.
  onTestFinished(() => void vi.unstubAllEnvs());
  const example = "../../../examples/live";
  const { auth } = await vi.importActual<{ auth: Auth }>(`${example}/auth.js`);
  const { events } = await vi.importActual<{ events: RequestHandler }>(`${example}/connections.js`);
  const app = express();
  const left = new EventEmitter();
  app.use(expressAuth(auth).handler);
  // A look-up that takes as long as they stay.
  app.get("/events", expressAuth(auth).requireAuth(), (_request, response, next) => {
    response.once("close", () => {
      next();
      left.emit("left");
    });
    left.emit("asked");
  });
  app.get("/events", events);
  const server = app.listen(0, "127.0.0.1");
  onTestFinished(async () => {
    server.close();
    server.closeAllConnections();
    await auth.close();
  });
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const visitor = new Visitor(url, "web", "cookie");
  await visitor.signUp({ email: "ada@example.com", password: "correct horse battery" });
  const [asked, gone] = [once(left, "asked"), once(left, "left")];
  const sent = request(`${url}/events`, { headers: { cookie: visitor.cookie } });
  sent.on("error", () => undefined).end();
  await asked;
  sent.destroy();
  await gone;
  expect(auth.stats().watched).toBe(0);
});
