import type { IncomingMessage, ServerResponse } from "node:http";

/** A Fetch `Request` of what Node received, body and all. */
export async function toRequest(incoming: IncomingMessage): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const headers = Object.entries(incoming.headers).filter(
    (entry): entry is [string, string] => typeof entry[1] === "string",
  );
  const body = chunks.length === 0 ? null : Buffer.concat(chunks);
  const method = incoming.method ?? "GET";
  return new Request(`http://127.0.0.1${incoming.url}`, { method, headers, body });
}

/** Sends an answer. */
export async function sendResponse(answer: Response, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.from(await answer.arrayBuffer());
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  outgoing.end(body);
}

export function sendJson(outgoing: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  outgoing.writeHead(status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
  });
  outgoing.end(text);
}
