import { once } from "node:events";
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as makeRequest,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import {
  connect as connectHttp2,
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { text as readText } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import express from "express";
import type { Auth } from "latchkey";
import { type AuthRequest, nodeAuth, sendCookies } from "latchkey/node";
import { describe, expect, onTestFinished, test } from "vitest";
import { rawRequest, sendRaw } from "../../support/http/raw-socket.ts";
import { listen } from "../../support/loopback.ts";
import { credentialOf, makeStage, password, signUp } from "../../support/stage.ts";

const json = { "content-type": "application/json" };
const page = ["sec-fetch-mode: navigate"];

interface Site {
  readonly auth: Auth;
  readonly url: string;
  readonly port: number;
  /** What reached the application's own end of the line. */
  readonly errors: unknown[];
}

/** A server whose requests pass `before`, the handler and `optionalAuth`, and are told who sent them. */
async function makeSite(
  change: Partial<Auth> = {},
  before: (request: AuthRequest) => void = () => undefined,
) {
  const { auth } = makeStage();
  const { handler, optionalAuth } = nodeAuth({ ...auth, ...change });
  const guard = optionalAuth();
  const errors: unknown[] = [];
  const url = await listen((request: AuthRequest, response) => {
    before(request);
    handler(request, response, (error) => {
      if (error !== undefined) errors.push(error);
      if (error !== undefined) return response.writeHead(500).end("sorry");
      return guard(request, response, () => response.end(request.auth?.user.id ?? "nobody"));
    });
  });
  return { auth, url, port: Number(new URL(url).port), errors } satisfies Site;
}

async function arrive({ auth }: Site, client: "web" | "mobile") {
  const signedIn = await signUp(auth, `${client}@example.com`, client);
  return { id: signedIn.user.id, credential: credentialOf(signedIn), signedIn };
}

const signInBody = { email: "web@example.com", password, client: "web" };

describe("headers", () => {
  test("that come twice are not one of the two", async () => {
    const site = await makeSite();
    const { id, credential } = await arrive(site, "mobile");
    const ask = (...headers: string[]) => sendRaw(site.port, [rawRequest("GET /", headers)]);
    const good = `authorization: Bearer ${credential}`;
    expect((await ask(good)).body).toContain(id);
    for (const other of ["Bearer x", "Basic x", ""]) {
      // Node keeps the first and drops the other without a word.
      for (const lines of [
        [good, `Authorization: ${other}`],
        [`Authorization: ${other}`, good],
      ]) {
        const answer = await ask(...lines);
        expect(answer.body).not.toContain(id);
      }
    }
  });

  test("of cookies are one, wherever they stand; a second cookie of the name is none", async () => {
    const site = await makeSite();
    const { id, credential } = await arrive(site, "web");
    const ask = async (...headers: string[]) =>
      (await sendRaw(site.port, [rawRequest("GET /", headers)])).body;
    expect(await ask("cookie: a=b", `cookie: ${credential}`)).toContain(id);
    expect(await ask(`cookie: ${credential}`, `cookie: ${credential.slice(0, -1)}x`)).toContain("nobody");
    expect(await ask(`cookie: ${credential}`, "cookie: latchkey-web=x")).toContain(id);
  });

  test("nothing that is set on a request before it is looked at counts", async () => {
    const site = await makeSite({}, (request) => {
      Object.assign(request, { auth: { ok: true, user: { id: "root" } } });
    });
    expect(await (await fetch(site.url)).text()).toBe("nobody");
  });

  test("nor where it could not be looked at", async () => {
    const { auth } = makeStage();
    const guard = nodeAuth({ ...auth, authenticate: () => Promise.reject(new Error("a bug")) }).requireAuth();
    const seen: unknown[] = [];
    const url = await listen((request: AuthRequest, response) => {
      Object.assign(request, { auth: { ok: true, user: { id: "root" } } });
      guard(request, response, (error) => {
        seen.push(String(error), request.auth);
        response.end();
      });
    });
    await fetch(url);
    expect(seen).toEqual(["Error: a bug", undefined]);
  });
});

describe("targets", () => {
  const below = async (target: string, method = "GET") => {
    const site = await makeSite();
    return sendRaw(site.port, [rawRequest(`${method} ${target}`, ["content-length: 0"])], 1000);
  };

  test.each(["/api/auth/ok", "/api/auth/ok?x=//y", "http://evil.example/api/auth/ok"])(
    "%s is the handler's",
    async (target) => {
      const { status, body } = await below(target);
      expect([status, body]).toEqual([200, expect.stringContaining("ok")]);
    },
  );

  test.each([
    "//api/auth/ok",
    "/api//auth/ok",
    "/API/auth/ok",
    "/%61pi/auth/ok",
    "/api/authx/ok",
    "/x/../api/auth/ok",
  ])("%s is the application's", async (target) => {
    expect((await below(target)).body).toContain("nobody");
  });

  test.each([
    "/api/auth//ok",
    "/api/auth/../../me",
    "/api/auth/%2e%2e/ok",
    "/api/auth/ok/",
    "/api/auth/x%2fok",
    "/api/auth",
  ])("%s is nothing", async (target) => {
    const { status, body } = await below(target);
    expect([status, body]).toEqual([404, expect.stringContaining("not_found")]);
  });

  test.each(["/api/auth/\\..\\ok", "/api/auth/ok#x"])("%s is refused", async (target) => {
    expect((await below(target)).status).toBe(400);
  });

  test.each(["TRACE", "DELETE"])("%s is no method of the handler's", async (method) => {
    const { status, headers } = await below("/api/auth/ok", method);
    expect(status).toBe(405);
    expect(headers.toLowerCase()).toContain("content-type: application/problem+json");
  });
});

describe("bodies", () => {
  const read = async (request: IncomingMessage): Promise<Buffer> => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  type Left = (bytes: Buffer) => object;

  /** A server on which something has read each body first, and left of it what `left` says. */
  async function siteBehind(left: Left): Promise<Site> {
    const { auth } = makeStage();
    const { handler } = nodeAuth(auth);
    const errors: unknown[] = [];
    const listener: RequestListener = (request, response) => {
      void read(request).then((bytes) => {
        Object.assign(request, left(bytes));
        handler(request, response, (error) => {
          errors.push(error);
          response.writeHead(500).end();
        });
      });
    };
    const url = await listen(listener);
    return { auth, url, port: 0, errors };
  }

  test.each<[string, Left]>([
    ["as an object", (bytes) => ({ body: JSON.parse(bytes.toString()) })],
    ["as text", (bytes) => ({ body: bytes.toString() })],
    ["as bytes", (bytes) => ({ body: bytes })],
    ["beside an object of its own", (bytes) => ({ body: { changed: true }, rawBody: bytes })],
  ])("that were read before are handed on, if they were kept %s", async (_, left) => {
    const site = await siteBehind(left);
    await arrive(site, "web");
    const body = JSON.stringify(signInBody);
    const answer = await fetch(`${site.url}/api/auth/sign-in/email`, { method: "POST", headers: json, body });
    expect([answer.status, answer.headers.getSetCookie().length]).toEqual([200, 2]);
  });

  test("that were read and are gone are a misuse that says what to do", async () => {
    const site = await siteBehind(() => ({}));
    const answer = await fetch(`${site.url}/api/auth/sign-in/email`, {
      method: "POST",
      headers: json,
      body: "{}",
    });
    expect(answer.status).toBe(500);
    expect(site.errors).toEqual([expect.objectContaining({ code: "misuse" })]);
    expect(String(site.errors[0])).toContain("mount the handler before whatever reads bodies");
    // Where nothing was there to be read, nothing is missing: the handler says what it thinks of no body.
    const headers = { "sec-fetch-site": "same-origin" };
    expect((await fetch(`${site.url}/api/auth/sign-out`, { method: "POST", headers })).status).toBe(400);
    expect(site.errors).toHaveLength(1);
  });

  test("of forms come as forms, parameters that came twice twice", async () => {
    const site = await siteBehind((bytes) => ({
      body: Object.fromEntries(
        [...new URLSearchParams(bytes.toString()).keys()].map((name) => {
          const values = new URLSearchParams(bytes.toString()).getAll(name);
          return [name, values.length > 1 ? values : values[0]];
        }),
      ),
    }));
    const post = async (form: string) => {
      const headers = { "content-type": "application/x-www-form-urlencoded" };
      const answer = await fetch(`${site.url}/api/auth/oauth2/token`, {
        method: "POST",
        headers,
        body: form,
      });
      return (await answer.json()).error;
    };
    expect(await post("grant_type=client_credentials&client_id=a&client_secret=b")).toBe("invalid_client");
    expect(await post("grant_type=client_credentials&grant_type=refresh_token")).toBe("invalid_request");
  });

  test("that Express has unpacked and parsed are no longer as long and as packed as the headers say", async () => {
    const { auth } = makeStage();
    const app = express();
    const seen: Promise<unknown>[] = [];
    const handler: Auth["handler"] = async (request) => {
      const { headers } = request;
      const named = ["content-type", "content-length", "content-encoding"].map((name) => headers.get(name));
      seen.push(request.text().then((text) => [...named, text]));
      return new Response();
    };
    app.use(express.json(), nodeAuth({ ...auth, handler }).handler);
    const url = await listen(app);
    const body = gzipSync('{ "a": 1 }');
    const headers = { ...json, "content-encoding": "gzip" };
    await fetch(`${url}/api/auth/sign-in/email`, { method: "POST", headers, body });
    expect(await Promise.all(seen)).toEqual([["application/json", "7", null, '{"a":1}']]);
  });

  test("that are too long are turned away at once, and the connection goes on", async () => {
    const site = await makeSite();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const send = async (bytes: number, length: object) => {
      const headers = { ...json, ...length };
      const sent = makeRequest(`${site.url}/api/auth/sign-in/email`, { method: "POST", agent, headers });
      // What is left of a body when it is answered stands before the next request.
      sent.on("error", () => undefined).end("x".repeat(bytes));
      const [response] = (await once(sent, "response")) as [IncomingMessage];
      response.resume();
      await once(response, "end");
      return [response.statusCode, sent.reusedSocket];
    };
    expect(await send(70_000, { "content-length": 70_000 })).toEqual([413, false]);
    expect(await send(10, { "content-length": 10 })).toEqual([400, true]);
    expect(await send(400_000, { "transfer-encoding": "chunked" })).toEqual([413, true]);
    expect(await send(10, { "content-length": 10 })).toEqual([400, true]);
  });

  test("whose sender leaves in the middle are nobody's error", async () => {
    const site = await makeSite();
    for (const headers of [["content-length: 100"], ["transfer-encoding: chunked"]]) {
      const head = rawRequest("POST /api/auth/sign-in/email", [...headers, "content-type: application/json"]);
      await sendRaw(site.port, [head, headers[0]?.startsWith("c") ? '{"email":' : '5\r\n{"ema\r\n'], 50);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await fetch(`${site.url}/api/auth/ok`)).status).toBe(200);
    expect(site.errors).toEqual([]);
  });
});

describe("answers", () => {
  test("to HEAD have no body, and cookies and headers of the application stay", async () => {
    const { auth } = makeStage();
    const { handler } = nodeAuth(auth);
    await signUp(auth, "web@example.com", "web");
    const url = await listen((request, response) => {
      response.setHeader("set-cookie", "own=1");
      response.setHeader("x-own", "1");
      handler(request, response, () => response.end());
    });
    const head = await fetch(`${url}/api/auth/ok`, { method: "HEAD" });
    expect([head.status, await head.text(), head.headers.get("x-own")]).toEqual([200, "", "1"]);
    const body = JSON.stringify(signInBody);
    const signedIn = await fetch(`${url}/api/auth/sign-in/email`, { method: "POST", headers: json, body });
    expect(signedIn.headers.getSetCookie()).toEqual([
      "own=1",
      expect.stringMatching(/^__Host-latchkey-web=/),
      expect.stringMatching(/^__Host-latchkey-device=/),
    ]);
    expect(signedIn.headers.get("cache-control")).toBe("no-store");
  });

  test("are written as they come, and given up when nobody reads on", async () => {
    let cancelled = false;
    let more = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      more = resolve;
    });
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(encoder.encode("first"));
        await told;
        controller.enqueue(encoder.encode("second"));
      },
      cancel() {
        cancelled = true;
      },
    });
    const site = await makeSite({ handler: async () => new Response(body) });
    const sent = makeRequest(`${site.url}/api/auth/stream`);
    sent.end();
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    expect(String((await once(response, "data"))[0])).toBe("first");
    more();
    expect(String((await once(response, "data"))[0])).toBe("second");
    sent.destroy();
    await expect.poll(() => cancelled).toBe(true);
    expect(site.errors).toEqual([]);
  });

  test("tell the handler when the client has left", async () => {
    let signal: AbortSignal | undefined;
    const site = await makeSite({
      handler: (request) => {
        signal = request.signal;
        return new Promise(() => undefined);
      },
    });
    const sent = makeRequest(`${site.url}/api/auth/slow`);
    sent.on("error", () => undefined).end();
    await expect.poll(() => signal?.aborted).toBe(false);
    sent.destroy();
    await expect.poll(() => signal?.aborted).toBe(true);
  });

  test.each<[string, RequestListener]>([
    ["set before", (_, response) => response.setHeader("set-cookie", ["own=1", "own=2"])],
    ["written with the head", () => undefined],
  ])("keep the cookies of a sign-in beside those %s, and no cache keeps them", async (name, before) => {
    const { auth } = makeStage();
    const signedIn = await signUp(auth, "web@example.com", "web");
    const url = await listen((request, response) => {
      sendCookies(response, signedIn);
      before(request, response);
      const own = { "set-cookie": ["own=1", "own=2"], "cache-control": "public, max-age=600" };
      response.writeHead(200, name === "set before" ? { "cache-control": "public" } : own).end();
    });
    const { headers } = await fetch(url);
    expect(headers.getSetCookie()).toEqual([
      "own=1",
      "own=2",
      expect.stringMatching(/^__Host-latchkey-web=/),
      expect.stringMatching(/^__Host-latchkey-device=/),
    ]);
    expect(headers.get("cache-control")).toBe("no-store");
  });
});

test("HTTP/2 is as good", async () => {
  const { auth } = makeStage();
  const { handler, requireAuth } = nodeAuth(auth);
  const guard = requireAuth();
  const signedIn = await signUp(auth, "web@example.com", "web");
  const server = createHttp2Server((request, response) => {
    // Its objects are those of HTTP/1 in all that is asked of them, but TypeScript does not say so.
    const given = [request, response] as object as [AuthRequest, ServerResponse];
    handler(...given, () => guard(...given, () => response.end(given[0].auth?.user.id ?? "")));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const session = connectHttp2(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
  onTestFinished(() => {
    session.destroy();
    server.close();
  });
  const ask = async (headers: OutgoingHttpHeaders, body = "") => {
    const stream = session.request(headers, { endStream: body === "" });
    if (body !== "") stream.end(body);
    const [head] = (await once(stream, "response")) as [IncomingHttpHeaders];
    return { head, text: await readText(stream) };
  };
  expect((await ask({ ":path": "/" })).head[":status"]).toBe(401);
  // HTTP/2 may send each cookie as a line of its own (RFC 9113, section 8.2.3).
  expect((await ask({ ":path": "/", cookie: ["a=b", credentialOf(signedIn)] as never })).text).toBe(
    signedIn.user.id,
  );
  const post = { ":path": "/api/auth/sign-in/email", ":method": "POST", ...json };
  const answer = await ask(post, JSON.stringify(signInBody));
  expect([answer.head[":status"], answer.head["set-cookie"]?.length]).toEqual([200, 2]);
});

describe("the application behind", () => {
  test("is called in the same turn where nothing must be waited for", async () => {
    const clients = { web: { transport: "cookie", strategy: "session-live" } } as const;
    const { auth } = makeStage({ clients });
    onTestFinished(() => auth.close());
    const signedIn = await signUp(auth, "web@example.com", "web");
    const guard = nodeAuth(auth).requireAuth();
    const turns: boolean[] = [];
    const url = await listen((request, response) => {
      let returned = false;
      guard(request, response, () => {
        turns.push(!returned);
        response.end();
      });
      returned = true;
    });
    const port = Number(new URL(url).port);
    const cookie = `cookie: ${credentialOf(signedIn)}`;
    for (const more of [[], [], page]) await sendRaw(port, [rawRequest("GET /", [cookie, ...more])]);
    expect(turns.slice(1), "the first had to be looked up").toEqual([true, true]);
  });

  test("throws its errors to whoever called it, not to the guard", async () => {
    const { auth } = makeStage();
    await auth.start();
    const guard = nodeAuth(auth).optionalAuth();
    const error = new Error("of the application");
    const calls: unknown[] = [];
    const server = createServer((request, response) => {
      try {
        guard(request, response, (given) => {
          calls.push(given);
          throw error;
        });
      } catch (thrown) {
        response.end(String(thrown === error));
      }
    });
    server.listen(0, "127.0.0.1");
    onTestFinished(() => void server.close());
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("true");
    expect(calls, "next is called once").toEqual([undefined]);
  });

  test("is not answered for once somebody else has answered", async () => {
    const { auth } = makeStage();
    await auth.start();
    const guard = nodeAuth(auth).requireAuth();
    const thrown: unknown[] = [];
    const url = await listen((request, response) => {
      response.writeHead(200).write("too ");
      try {
        guard(request, response, () => undefined);
      } catch (error) {
        thrown.push(error);
      }
      response.end("slow");
    });
    expect(await (await fetch(url)).text()).toBe("too slow");
    expect(thrown).toEqual([]);
  });
});
