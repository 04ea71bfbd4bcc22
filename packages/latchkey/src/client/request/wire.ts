import type { Answer, ClientErrorCode, ClientRefusal } from "../types.ts";
import type { ClientSettings } from "./settings.ts";

/** What goes to a route of the auth server. */
export interface Sent {
  /** JSON; makes it a POST. */
  readonly body?: object | undefined;
  readonly headers?: { readonly [name: string]: string };
}

/** Asks a route of the auth server and reads the answer. */
export type Wire = (path: string, sent: Sent) => Promise<Answer<{ readonly body: unknown }>>;

export function makeWire({ auth, bearer, timeout, fetch }: ClientSettings): Wire {
  return async (path, { body, headers }) => {
    const aborting = new AbortController();
    const timer = setTimeout(() => aborting.abort(), timeout);
    try {
      const response = await fetch(auth + path, {
        ...(body && { method: "POST", body: JSON.stringify(body) }),
        headers: { ...(body && { "content-type": "application/json" }), ...headers },
        credentials: bearer ? "omit" : "include",
        cache: "no-store",
        // Our routes lead nowhere; whatever does so is not them, and would be sent the body: passwords, refresh tokens.
        redirect: "manual",
        signal: aborting.signal,
      });
      const json = parse(await response.text());
      return response.ok && json !== undefined ? { ok: true, body: json } : refusalOf(response, json);
    } catch {
      return { ok: false, code: "network", status: 0 };
    } finally {
      clearTimeout(timer);
    }
  };
}

/** What an answer that is no success says. */
export function refusalOf({ status, headers }: Response, json: unknown): ClientRefusal {
  const { code, detail } = isObject(json) ? json : {};
  const seconds = headers.get("retry-after") ?? "";
  return {
    ok: false,
    // A server that is none of ours may say anything: it is shown as text, and is no code that means anything.
    code: `${code ?? "unexpected_answer"}` as ClientErrorCode,
    status,
    ...(detail ? { detail: `${detail}` } : {}),
    ...(/^\d+$/.test(seconds) && { retryAfter: Number(seconds) }),
  };
}

export function parse(text: string | null | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === "object" && value !== null;
}
