import { once } from "node:events";
import { Agent, type IncomingMessage, request as makeRequest } from "node:http";
import { text as readText } from "node:stream/consumers";
import type { Transport } from "latchkey";
import { expect } from "vitest";

/** A connection for each request: none that the server closes in the moment in which it is used again. */
const agent = new Agent({ keepAlive: false });

/** An answer, read. */
export interface Seen {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as parsed; undefined: it is no JSON. */
  readonly json: Record<string, unknown> | undefined;
  /** The problem's code; undefined unless it is one. */
  readonly code: string | undefined;
}

/** How a request differs from what the visitor would send by itself. A header of `null` is left out. */
export interface Sent {
  readonly body?: object | string;
  readonly headers?: { readonly [name: string]: string | null };
}

/** A browser with its cookies, or a program with its tokens. Follows no redirect and refreshes nothing by itself. */
export class Visitor {
  readonly #baseURL: string;
  readonly #client: string;
  readonly #transport: Transport;
  readonly #cookies = new Map<string, string>();
  #token: string | undefined;
  #refreshToken: string | undefined;

  constructor(baseURL: string, client: string, transport: Transport) {
    this.#baseURL = baseURL;
    this.#client = client;
    this.#transport = transport;
  }

  get cookie(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  get(path: string, headers: Sent["headers"] = {}): Promise<Seen> {
    return this.send("GET", path, { headers });
  }

  post(path: string, body: object, headers: Sent["headers"] = {}): Promise<Seen> {
    return this.send("POST", path, { body, headers });
  }

  async send(method: string, path: string, { body, headers = {} }: Sent = {}): Promise<Seen> {
    const isText = typeof body === "string";
    const sent = {
      // A page's own script says so; a program says nothing.
      ...(this.#transport === "cookie"
        ? { origin: this.#baseURL, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors" }
        : {}),
      ...(body === undefined ? {} : { "content-type": isText ? "text/plain" : "application/json" }),
      ...this.#credential(),
      ...headers,
    };
    const given = Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null);
    const text = body === undefined || isText ? body : JSON.stringify(body);
    // Not by `fetch`, which says by itself in which mode it is.
    const request = makeRequest(this.#baseURL + path, { method, headers: Object.fromEntries(given), agent });
    request.end(text);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return this.#read(response);
  }

  async signUp(person: { readonly email: string; readonly password: string }): Promise<Seen> {
    const seen = await this.post("/api/auth/sign-up/email", { ...person, client: this.#client });
    expect(seen.text).toContain(person.email);
    expect(seen.status).toBe(201);
    return seen;
  }

  async signIn(person: { readonly email: string; readonly password: string }): Promise<Seen> {
    const seen = await this.post("/api/auth/sign-in/email", { ...person, client: this.#client });
    expect(seen.code).toBeUndefined();
    return seen;
  }

  refresh(): Promise<Seen> {
    const refreshToken = this.#refreshToken;
    return this.post("/api/auth/refresh", refreshToken === undefined ? {} : { refreshToken });
  }

  /** What it would send with a form that another site's page made it send. */
  crossSite(path: string): Promise<Seen> {
    const headers = { origin: "https://evil.example", "sec-fetch-site": "cross-site" };
    return this.send("POST", path, { body: "text=hello", headers });
  }

  #credential(): Record<string, string> {
    if (this.#transport === "cookie") return this.#cookies.size === 0 ? {} : { cookie: this.cookie };
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  async #read(response: IncomingMessage): Promise<Seen> {
    const headers = new Headers();
    for (const [name, values] of Object.entries(response.headersDistinct)) {
      for (const value of values ?? []) headers.append(name, value);
    }
    const status = response.statusCode ?? 0;
    const text = await readText(response);
    const isJson = /json/.test(headers.get("content-type") ?? "") && text !== "";
    const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    for (const line of headers.getSetCookie()) this.#keep(line);
    this.#token = textOf(json?.sessionToken ?? json?.accessToken) ?? this.#token;
    this.#refreshToken = textOf(json?.refreshToken) ?? this.#refreshToken;
    const isProblem = headers.get("content-type")?.startsWith("application/problem+json") === true;
    return { status, headers, text, json, code: isProblem ? textOf(json?.code) : undefined };
  }

  #keep(line: string): void {
    const [pair = ""] = line.split(";", 1);
    const equals = pair.indexOf("=");
    const [name, value] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (/max-age=0/i.test(line)) this.#cookies.delete(name);
    else this.#cookies.set(name, value);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
