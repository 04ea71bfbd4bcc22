import type { HonoRequest } from "hono";
import { misuse } from "../../errors.ts";

/** What the headers said of a body in the form it came in. */
const ofTheBody = ["content-length", "content-encoding", "transfer-encoding"];

/**
 * The request for `auth.handler`: as it came, or if somebody has read its body already, with what Hono keeps of it.
 *
 * @throws LatchkeyError `misuse` if nothing is kept
 */
export async function unreadRequest(request: HonoRequest): Promise<Request> {
  const { raw } = request;
  if (!raw.bodyUsed) return raw;
  const body = await keptBody(request);
  const headers = new Headers(raw.headers);
  for (const name of ofTheBody) headers.delete(name);
  headers.set("content-length", String(body.byteLength));
  return new Request(raw.url, { method: raw.method, headers, body, signal: raw.signal });
}

async function keptBody(request: HonoRequest): Promise<ArrayBuffer> {
  const [first] = Object.keys(request.bodyCache);
  if (first === undefined) {
    misuse(
      "the body was read before auth.handler got it, and nothing of it is left: mount the handler before whatever reads " +
        "bodies, or read them with c.req.json() and its like, which keep what they read",
    );
  }
  if (first !== "formData") return request.arrayBuffer();
  // Turned back by Hono it would be another kind of form than the one it came as.
  const form = new URLSearchParams();
  for (const [name, value] of await request.formData()) {
    form.append(name, typeof value === "string" ? value : "");
  }
  return new TextEncoder().encode(form.toString()).buffer;
}
