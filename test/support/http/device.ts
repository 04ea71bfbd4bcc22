import { expect } from "vitest";

/** What answers hold, as far as tests read it. */
export interface Body {
  readonly user?: {
    readonly id: string;
    readonly email: string | null;
    readonly name: string | null;
    readonly roles: readonly string[];
    readonly status: string;
  };
  readonly session?: {
    readonly id: string;
    readonly userId: string;
    readonly client: string;
    readonly expiresAt: string;
    readonly data: object;
    readonly userAgent: string | null;
    readonly ip: string | null;
  };
  readonly sessionToken?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly deviceToken?: string;
  readonly tokenType?: string;
  readonly expiresIn?: number;
  readonly success?: boolean;
  readonly revoked?: number;
  readonly until?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly keys?: readonly object[];
}

/** An answer, read and examined. */
export interface Answer {
  readonly status: number;
  /** The problem's code; undefined unless it is one. */
  readonly code: string | undefined;
  readonly headers: Headers;
  readonly text: string;
  /** The body as parsed; `{}` for null and for none. */
  readonly body: Body;
  readonly json: unknown;
}

/** How a request differs from what the device would send. A header of `null` is left out. */
export interface Variation {
  readonly headers?: { readonly [name: string]: string | null };
  /** Sent in place of the JSON of a body, as it is. */
  readonly raw?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** A browser with its cookie jar, or a phone with its token. */
export interface Device {
  readonly client: string;
  get(path: string, variation?: Variation): Promise<Answer>;
  post(path: string, body?: object | null, variation?: Variation): Promise<Answer>;
  send(method: string, path: string, body?: object | null, variation?: Variation): Promise<Answer>;
  /** The headers that carry its credential. */
  credentialHeaders(): { readonly [name: string]: string };
  /** The credential it holds. */
  credential(): string | undefined;
  /** Makes it hold another; undefined: none. */
  hold(credential: string | undefined): void;
  /** Another device that holds the same. */
  copy(): Device;
  signUp(person?: Partial<Person>, more?: object): Promise<Answer>;
  signIn(person: Person, more?: object, variation?: Variation): Promise<Answer>;
}

export interface Person {
  readonly email: string;
  readonly password: string;
}

/** Who asks the handler and examines what it answers. */
export type Ask = (method: string, path: string, init: RequestInit) => Promise<Answer>;

/** A device of a client: a cookie jar where that is its transport, else a place for a token. */
export function makeDevice(ask: Ask, client: string, cookieName: string | undefined, origin: string): Device {
  let credential: string | undefined;

  function credentialHeaders(): { readonly [name: string]: string } {
    if (credential === undefined) return {};
    return cookieName === undefined
      ? { authorization: `Bearer ${credential}` }
      : { cookie: `${cookieName}=${credential}` };
  }

  function headersFor(method: string, hasBody: boolean, changes: Variation["headers"] = {}): Headers {
    const isPage = cookieName !== undefined && method !== "GET";
    const sent = {
      ...(isPage ? { origin, "sec-fetch-site": "same-origin" } : {}),
      ...(hasBody ? { "content-type": "application/json" } : {}),
      ...credentialHeaders(),
      ...changes,
    };
    return new Headers(Object.entries(sent).filter((entry): entry is [string, string] => entry[1] !== null));
  }

  /** Keeps what a browser or a phone would keep. */
  function keep({ headers, body }: Answer): void {
    for (const cookie of headers.getSetCookie()) {
      const [name, value] = (cookie.split(";", 1)[0] ?? "").split("=", 2);
      if (name === cookieName) credential = value === "" ? undefined : value;
    }
    if (cookieName === undefined) credential = body.sessionToken ?? body.accessToken ?? credential;
  }

  async function send(
    method: string,
    path: string,
    body?: object | null,
    { headers, raw }: Variation = {},
  ): Promise<Answer> {
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const init: RequestInit & { duplex?: "half" } = {
      method,
      headers: headersFor(method, sent !== undefined, headers),
    };
    if (sent !== undefined) init.body = sent;
    if (raw instanceof ReadableStream) init.duplex = "half";
    const answer = await ask(method, path, init);
    keep(answer);
    return answer;
  }

  return {
    client,
    send,
    get: (path, variation) => send("GET", path, undefined, variation),
    post: (path, body, variation) => send("POST", path, body, variation),
    credentialHeaders,
    credential: () => credential,
    hold(other) {
      credential = other;
    },
    copy() {
      const twin = makeDevice(ask, client, cookieName, origin);
      twin.hold(credential);
      return twin;
    },
    async signUp(person = {}, more = {}) {
      const answer = await send("POST", "/sign-up/email", { ...makePerson(), ...person, client, ...more });
      expect(answer.code).toBeUndefined();
      return answer;
    },
    signIn: ({ email, password }, more = {}, variation = {}) =>
      send("POST", "/sign-in/email", { email, password, client, ...more }, variation),
  };
}

let people = 0;

/** Somebody new. */
export function makePerson(): Person {
  people += 1;
  return { email: `person-${people}@example.test`, password: `correct horse ${people} battery` };
}
