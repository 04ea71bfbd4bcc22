import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { type App, type Arrived, makeApp } from "../../support/http/app.ts";
import { type RawAnswer, rawRequest, sendRaw } from "../../support/http/raw-socket.ts";
import { serve } from "../../support/http/server.ts";

// What only a real socket shows: framing, headers that no fetch would send, and clients that go away.

const json = "content-type: application/json";
const signIn = "POST /api/auth/sign-in/email";

interface Stage {
  readonly app: App;
  readonly ada: Arrived;
  readonly port: number;
  /** The cookie header of somebody who is signed in. */
  readonly cookie: string;
  readonly body: string;
}

async function makeStage(): Promise<Stage> {
  const app = await makeApp();
  const ada = await app.arrive("web");
  const { port } = await serve(app.auth);
  const body = JSON.stringify({ ...ada.person, client: "web" });
  return { app, ada, port, cookie: `cookie: ${ada.device.credentialHeaders().cookie}`, body };
}

/** The process answers, the session lives, and nothing was logged as unexpected. */
async function expectAlive({ app, port, cookie }: Stage): Promise<void> {
  const answer = await sendRaw(port, [rawRequest("GET /api/auth/get-session", [cookie])]);
  expect([answer.status, answer.body.includes('"session"')]).toEqual([200, true]);
  expect(app.logged).toEqual([]);
}

function codeOf({ status, body }: RawAnswer): string {
  return `${status} ${/"code":"(\w+)"/.exec(body)?.[1] ?? ""}`.trim();
}

const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

describe("bodies", () => {
  test("a sign-in over a real socket", async () => {
    const stage = await makeStage();
    const request = rawRequest(signIn, [json, `content-length: ${stage.body.length}`], stage.body);
    const answer = await sendRaw(stage.port, [request]);
    expect(answer.status).toBe(200);
    expect(answer.headers).toContain("set-cookie: __Host-latchkey-web=lks_");
    expect(answer.body).toContain('"ip":"127.0.0.1"');
    await expectAlive(stage);
  });

  test("in chunks, without a length", async () => {
    const stage = await makeStage();
    const request = rawRequest(signIn, [json, "transfer-encoding: chunked"]);
    const halves = [stage.body.slice(0, 20), stage.body.slice(20)].map(chunk);
    expect(codeOf(await sendRaw(stage.port, [request, ...halves, "0\r\n\r\n"]))).toBe("200");
  });

  test("a megabyte in chunks, without a length: 413", async () => {
    const stage = await makeStage();
    stage.app.spy.forget();
    const pieces = Array.from({ length: 100 }, () => chunk(" ".repeat(10_000)));
    const request = rawRequest(signIn, [json, "transfer-encoding: chunked"]);
    expect(codeOf(await sendRaw(stage.port, [request, ...pieces, "0\r\n\r\n"]))).toBe("413 body_too_large");
    expect(stage.app.spy.calls()).toEqual([]);
    await expectAlive(stage);
  });

  test("a megabyte of announced length: 413 before it was read", async () => {
    const stage = await makeStage();
    const request = rawRequest(signIn, [json, "content-length: 1000000"]);
    const started = performance.now();
    expect(codeOf(await sendRaw(stage.port, [request, "{"]))).toBe("413 body_too_large");
    expect(performance.now() - started).toBeLessThan(1000);
    await expectAlive(stage);
  });

  test.each([
    ["a length and chunks", ["content-length: 5", "transfer-encoding: chunked"]],
    ["two lengths", ["content-length: 5", "content-length: 6"]],
    ["a negative length", ["content-length: -1"]],
    ["a length in hex", ["content-length: 0x10"]],
    ["an unknown encoding", ["transfer-encoding: gzip, chunked, x"]],
  ])("%s: one framing or none", async (_, headers) => {
    const stage = await makeStage();
    stage.app.spy.forget();
    const answer = await sendRaw(stage.port, [
      rawRequest(signIn, [json, ...headers], "0\r\n\r\nGET /smuggled HTTP/1.1\r\n\r\n"),
    ]);
    expect(answer.status).toBe(400);
    expect(answer.body).not.toContain("HTTP/1.1");
    expect(stage.app.spy.calls()).toEqual([]);
    await expectAlive(stage);
  });

  test.each([
    ["of announced length", "content-length: 1000"],
    ["in chunks", "transfer-encoding: chunked"],
  ])("a client that leaves in the middle of its body (%s) is no error of ours", async (_, header) => {
    const stage = await makeStage();
    const socket = connect(stage.port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(rawRequest(signIn, [json, header], '3e8\r\n{"email":'));
    await sleep(50);
    socket.destroy();
    await sleep(100);
    await expectAlive(stage);
  });
});

describe("headers", () => {
  test.each([
    ["a hundred kilobytes of them", [`authorization: Bearer ${"x".repeat(100_000)}`], 431],
    ["a thousand of them", Array.from({ length: 3000 }, (_, i) => `x-${i}: 1`), 431],
    ["a NUL in one", ["authorization: Bearer a\0b"], 400],
    ["a line break in one", ["x: a\rb"], 400],
    ["a space before the colon", ["cookie : a=b"], 400],
  ])("%s", async (_, headers, status) => {
    const stage = await makeStage();
    stage.app.spy.forget();
    expect((await sendRaw(stage.port, [rawRequest("GET /api/auth/get-session", headers)])).status).toBe(
      status,
    );
    expect(stage.app.spy.calls()).toEqual([]);
    await expectAlive(stage);
  });

  test("sixteen kilobytes of cookies that are not ours hold nobody up", async () => {
    const stage = await makeStage();
    const planted = `cookie: a${" ".repeat(15_000)}b=1`;
    const started = performance.now();
    await sendRaw(stage.port, [rawRequest("GET /api/auth/list-sessions", [planted])]);
    expect(performance.now() - started).toBeLessThan(60);
  });

  test("two cookie headers are read as one: a planted duplicate is no credential", async () => {
    const stage = await makeStage();
    const planted = "cookie: __Host-latchkey-web=planted";
    for (const cookies of [
      [stage.cookie, planted],
      [planted, stage.cookie],
      [stage.cookie, stage.cookie],
    ]) {
      const answer = await sendRaw(stage.port, [rawRequest("GET /api/auth/get-session", cookies)]);
      expect(codeOf(answer)).toBe("401 credential_invalid");
    }
    await expectAlive(stage);
  });

  test("percent-junk and bytes beyond ASCII in a bearer header: 401", async () => {
    const stage = await makeStage();
    for (const value of ["%E0%A4%A", "\u00ff\u00fe", "a\tb", "%00"]) {
      const answer = await sendRaw(stage.port, [
        Buffer.from(rawRequest("GET /api/auth/get-session", [`authorization: Bearer ${value}`]), "latin1"),
      ]);
      expect(codeOf(answer)).toBe("401 credential_invalid");
    }
    await expectAlive(stage);
  });

  test.each(["", "evil.test", "app.example:x@good.test", "[", "a b", "evil.test/path?x#y"])(
    "the Host %s changes nothing for anybody",
    async (host) => {
      const stage = await makeStage();
      const request = `GET /api/auth/get-session HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n${stage.cookie}\r\n\r\n`;
      const answer = await sendRaw(stage.port, [request]);
      expect([200, 400]).toContain(answer.status);
      await expectAlive(stage);
    },
  );
});

describe("request lines", () => {
  test.each([
    ["//sign-in/email", "404 not_found"],
    ["/sign-in/email/", "404 not_found"],
    ["/sign-in%2Femail", "404 not_found"],
    ["/sign-in/email%00", "404 not_found"],
    ["/sign-in/email%", "404 not_found"],
    ["/%E0%A4%A", "404 not_found"],
    ["/sign-in\\email", "400"],
    ["/sign-in/email;x", "404 not_found"],
    ["/%73ign-in/email", "200"],
    ["/./sign-in/email", "200"],
    ["/x/../sign-in/email", "200"],
    ["/sign-in/email?x=%", "200"],
  ])("POST /api/auth%s → %s", async (path, expected) => {
    const stage = await makeStage();
    const headers = [json, `content-length: ${stage.body.length}`];
    const answer = await sendRaw(stage.port, [rawRequest(`POST /api/auth${path}`, headers, stage.body)]);
    expect(codeOf(answer)).toBe(expected);
    await expectAlive(stage);
  });

  test.each(["TRACE", "CONNECT", "FOO", "get", "OPTIONS", "SEARCH"])(
    "%s holds nobody up and changes nothing",
    async (method) => {
      const stage = await makeStage();
      stage.app.spy.forget();
      const answer = await sendRaw(
        stage.port,
        [rawRequest(`${method} /api/auth/sign-out`, [stage.cookie])],
        500,
      );
      expect(answer.status).toBeLessThan(500);
      expect(stage.app.spy.calls()).toEqual([]);
      await expectAlive(stage);
    },
  );

  test.each([
    "http://evil.test/api/auth/get-session",
    "/api/auth/get-session#x",
    "*",
    "api/auth/get-session",
  ])("the target %s is answered or refused", async (target) => {
    const stage = await makeStage();
    const answer = await sendRaw(stage.port, [rawRequest(`GET ${target}`, [stage.cookie])]);
    expect([200, 400, 404]).toContain(answer.status);
    await expectAlive(stage);
  });
});
