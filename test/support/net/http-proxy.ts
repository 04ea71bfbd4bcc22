import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What befalls a request. */
export interface Fault {
  /** The server answers, and the answer is lost: the connection is reset in its place. */
  readonly loseAnswer?: boolean;
  /** The connection is reset before the server sees anything. */
  readonly reset?: boolean;
  /** The answer is this one, and the server sees nothing. */
  readonly answer?: {
    readonly status: number;
    readonly headers?: { readonly [name: string]: string };
    readonly body?: string;
  };
  /** The server answers at once, and the answer comes when this resolves. */
  readonly answerAfter?: Promise<void>;
  /** It takes so many milliseconds longer. */
  readonly delay?: number;
}

/** A request that came by, and the status it got; 0: none. */
export interface Passed {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly at: number;
  status: number;
  /** Whether its connection, or its part of it, is done with. */
  over: boolean;
  /** Of an answer in JSON. */
  body?: { readonly [name: string]: unknown };
}

/** A web proxy of our own: what lies between a client and its server, and what can happen there. */
export interface HttpProxy {
  readonly url: string;
  readonly passed: readonly Passed[];
  /** Decides what befalls each request from now on. */
  befall(decide: (passed: Passed) => Fault | undefined): void;
  /** Whether anybody is let in; else connections are reset, also those that are open. */
  open(open: boolean): void;
  lead(target: string): void;
  close(): void;
}

export async function startHttpProxy(firstTarget: string): Promise<HttpProxy> {
  let target = firstTarget;
  let decide: (passed: Passed) => Fault | undefined = () => undefined;
  let isOpen = true;
  const passed: Passed[] = [];

  function forward(
    incoming: IncomingMessage,
    body: Buffer,
    one: Passed,
    outgoing: ServerResponse,
    fault: Fault,
  ): void {
    const { host: _, ...headers } = incoming.headers;
    const upstream = request(target + incoming.url, { method: incoming.method, headers }, (answer) => {
      if (fault.loseAnswer) {
        answer.resume();
        answer.on("end", () => outgoing.socket?.resetAndDestroy());
        note(one, answer.statusCode ?? 0, undefined);
        return;
      }
      // Nothing of it is read before somebody listens to its data.
      if (fault.answerAfter === undefined) pass(answer, one, outgoing);
      else void fault.answerAfter.then(() => pass(answer, one, outgoing));
    });
    outgoing.on("close", () => upstream.destroy());
    upstream.on("error", () => outgoing.socket?.resetAndDestroy());
    upstream.end(body);
  }

  const server = createServer((incoming, outgoing) => {
    const one: Passed = {
      method: incoming.method ?? "",
      path: incoming.url ?? "",
      headers: incoming.headers,
      at: performance.now(),
      status: 0,
      over: false,
    };
    outgoing.on("close", () => {
      one.over = true;
    });
    passed.push(one);
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const fault = decide(one) ?? {};
      const go = (): void => {
        if (fault.reset || !isOpen) outgoing.socket?.resetAndDestroy();
        else if (fault.answer) {
          one.status = fault.answer.status;
          outgoing.writeHead(fault.answer.status, fault.answer.headers).end(fault.answer.body);
        } else forward(incoming, Buffer.concat(chunks), one, outgoing, fault);
      };
      if (fault.delay === undefined) go();
      else setTimeout(go, fault.delay);
    });
  });
  server.on("connection", (socket) => {
    if (!isOpen) socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    befall: (given) => {
      decide = given;
    },
    open: (given) => {
      isOpen = given;
      if (!given) server.closeAllConnections();
    },
    lead: (given) => {
      target = given;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

function pass(answer: IncomingMessage, one: Passed, outgoing: ServerResponse): void {
  one.status = answer.statusCode ?? 0;
  outgoing.writeHead(one.status, answer.headers);
  outgoing.flushHeaders();
  const chunks: Buffer[] = [];
  answer.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    outgoing.write(chunk);
  });
  answer.on("end", () => {
    if (/json/.test(answer.headers["content-type"] ?? ""))
      note(one, one.status, Buffer.concat(chunks).toString());
    outgoing.end();
  });
  answer.on("error", () => outgoing.destroy());
}

function note(one: Passed, status: number, text: string | undefined): void {
  one.status = status;
  if (text !== undefined && text !== "") one.body = JSON.parse(text) ?? {};
}
