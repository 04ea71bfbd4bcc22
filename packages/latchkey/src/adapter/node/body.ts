import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { misuse } from "../../errors.ts";
import type { NodeRequest } from "./request.ts";

/** A body to hand on. */
export interface FoundBody {
  readonly body: ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null;
  /** Lets go of the stream, so that what is left of it can be taken by somebody else. */
  readonly release: () => void;
  /** It was read, decoded and written anew: what the headers say of its length and coding is over. */
  readonly rewritten: boolean;
}

/** What a body parser left of a body. */
export type Parsed = Pick<NodeRequest, "body" | "rawBody">;

/**
 * The body of a request: its stream, or if a body parser has read that already, what it made of it.
 *
 * @throws LatchkeyError `misuse` if something has read it and left nothing
 */
export function findBody(request: IncomingMessage, { body, rawBody }: Parsed): FoundBody {
  if (request.method === "GET" || request.method === "HEAD") return withoutStream(null);
  if (isStream(body)) return streamOf(body);
  if (!request.readableDidRead) return streamOf(request);
  const bytes = toBytes(rawBody) ?? toBytes(body) ?? serialise(body, request.headers["content-type"] ?? "");
  if (bytes !== undefined || !hasBody(request)) return withoutStream(bytes ?? null);
  return misuse(
    "the body was read before auth.handler got it, and nothing of it is left in req.body: mount the handler before " +
      "whatever reads bodies, or use a body parser that keeps what it read",
  );
}

function withoutStream(body: Uint8Array<ArrayBuffer> | null): FoundBody {
  return { body, rewritten: body !== null, release: () => undefined };
}

function isStream(value: unknown): value is Readable {
  return typeof value === "object" && value !== null && "pipe" in value && typeof value.pipe === "function";
}

function toBytes(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (typeof value === "string") return new TextEncoder().encode(value);
  return value instanceof Uint8Array ? Uint8Array.from(value) : undefined;
}

/** What was parsed, in the form that the content type names. A parameter that came twice comes twice again. */
function serialise(value: unknown, contentType: string): Uint8Array<ArrayBuffer> | undefined {
  if (value === undefined) return undefined;
  if (!/^application\/x-www-form-urlencoded\b/i.test(contentType)) return toBytes(JSON.stringify(value));
  const form = new URLSearchParams();
  for (const [name, given] of Object.entries(value ?? {})) {
    for (const one of Array.isArray(given) ? given : [given])
      form.append(name, typeof one === "string" ? one : "");
  }
  return toBytes(form.toString());
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** A stream as the Web knows it. It is read as it is asked for; whoever leaves in the middle of it is an error. */
function streamOf(source: Readable): FoundBody {
  let stop = (): void => undefined;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const onData = (chunk: Uint8Array): void => {
      source.pause();
      controller.enqueue(chunk);
    };
    const onEnd = (): void => {
      stop();
      controller.close();
    };
    const onError = (error: Error): void => {
      stop();
      controller.error(error);
    };
    const onClose = (): void => onError(Object.assign(new Error("the client left"), { code: "ECONNRESET" }));
    // The listener for errors stays: what comes late is nobody's error.
    stop = () => void source.off("data", onData).off("end", onEnd).off("close", onClose);
    source.on("error", onError).on("data", onData).on("end", onEnd).on("close", onClose);
    source.pause();
    if (source.destroyed) onClose();
  };
  const pull = (): void => void source.resume();
  const body = new ReadableStream({ start, pull, cancel: () => stop() }, { highWaterMark: 0 });
  return { body, rewritten: false, release: () => stop() };
}
