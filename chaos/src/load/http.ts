import { Agent, request } from "node:http";
import type { Outcome } from "../history/types.ts";

/** A request to a node. */
export interface Call {
  readonly path: string;
  /** JSON; makes it a POST. */
  readonly body?: object;
  readonly headers?: { readonly [name: string]: string };
}

/** What came of it. Times by `performance.now()`. */
export interface Reply {
  readonly start: number;
  readonly end: number;
  readonly outcome: Outcome;
  readonly status: number | null;
  /** The answer's code; of what has none, why there was no answer. */
  readonly code: string | null;
  /** An object, but for `get-session` where nobody is signed in. */
  readonly body: { readonly [member: string]: unknown };
  readonly cookies: readonly string[];
}

/** How long an answer is waited for. Longer than any node is stopped for. */
const patience = 10_000;

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/** Sends it. With `cutAfter` the connection is cut so many milliseconds later, or when the answer begins. */
export function send(url: string, { path, body, headers = {} }: Call, cutAfter?: number): Promise<Reply> {
  const start = performance.now();
  return new Promise((resolve) => {
    const failed = (code: string): void =>
      resolve({
        start,
        end: performance.now(),
        outcome: "unanswered",
        status: null,
        code,
        body: {},
        cookies: [],
      });
    const text = body === undefined ? undefined : JSON.stringify(body);
    const json = text === undefined ? {} : { "content-type": "application/json" };
    const method = text === undefined ? "GET" : "POST";
    const outgoing = request(url + path, { agent, method, headers: { ...json, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      if (cutAfter !== undefined) give("cut");
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", (error: NodeJS.ErrnoException) => give(error.code ?? "broken"));
      response.on("end", () => {
        clearTimeout(timer);
        const status = response.statusCode ?? 0;
        const parsed = parse(Buffer.concat(chunks).toString());
        const code = typeof parsed?.code === "string" ? parsed.code : null;
        const cookies = response.headers["set-cookie"] ?? [];
        resolve({
          start,
          end: performance.now(),
          outcome: outcomeOf(status),
          status,
          code,
          body: parsed,
          cookies,
        });
      });
    });
    function give(code: string): void {
      clearTimeout(timer);
      outgoing.destroy();
      failed(code);
    }
    const timer = setTimeout(() => give(cutAfter === undefined ? "silent" : "cut"), cutAfter ?? patience);
    outgoing.on("error", (error: NodeJS.ErrnoException) => give(error.code ?? "broken"));
    outgoing.end(text);
  });
}

function outcomeOf(status: number): Outcome {
  if (status < 400) return "done";
  return status < 500 ? "refused" : "unavailable";
}

function parse(text: string): Reply["body"] {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/** Closes the connections that are kept. */
export function hangUp(): void {
  agent.destroy();
}
