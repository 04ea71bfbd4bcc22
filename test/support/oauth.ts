import { type Auth, hashServiceSecret, type LatchkeyOptions, latchkey, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";

export const origin = "https://app.example";
export const issuer = `${origin}/api/auth`;
export const billing = "https://billing.example";
export const reports = "https://reports.example";

/** Of the services below; each of 32 bytes in base64url. */
export const secrets = {
  orders: "orders-".padEnd(43, "A"),
  gateway: "gateway-".padEnd(43, "A"),
  old: "old-".padEnd(43, "A"),
} as const;

export const clients = {
  web: { transport: "cookie", strategy: "session" },
  "web-jwt": { transport: "cookie", strategy: "jwt-denylist" },
  app: { transport: "bearer", strategy: "session" },
  jwt: { transport: "bearer", strategy: "jwt" },
  plain: { transport: "bearer", strategy: "jwt", refresh: false },
  deny: { transport: "bearer", strategy: "jwt-denylist" },
  allow: { transport: "bearer", strategy: "jwt-allowlist" },
} as const;

const tokenExchange = "urn:ietf:params:oauth:grant-type:token-exchange";
export const accessTokenType = "urn:ietf:params:oauth:token-type:access_token";

/** What somebody holds after signing in. */
export interface Held {
  readonly userId: string;
  readonly sessionId: string;
  readonly access?: string;
  readonly session?: string;
  readonly refresh?: string;
  readonly device?: string;
  /** As the browser sends them back. */
  readonly cookie?: string;
  /** The value of the client's cookie: a session or access token. */
  readonly carried?: string;
}

/** A running library whose time stands still, over a store of its own. */
export interface Stage {
  readonly auth: Auth;
  readonly store: Store;
  /** Lets seconds pass. */
  pass(seconds: number): void;
  /** Milliseconds. */
  now(): number;
  signUp(client: keyof typeof clients, email?: string): Promise<Held>;
  signIn(client: keyof typeof clients, email?: string): Promise<Held>;
  send(path: string, init?: RequestInit): Promise<Response>;
  json(path: string, body: object, headers?: Record<string, string>): Promise<Response>;
  /** A form, from a service if its name is given. */
  form(path: string, fields: Record<string, string>, service?: keyof typeof secrets): Promise<Response>;
  introspect(token: string): Promise<Record<string, unknown>>;
}

/** A hasher that costs nothing. */
const hasher = {
  hash: async (password: string) => `plain:${password}`,
  verify: async (hash: string, password: string) => hash === `plain:${password}`,
};

const password = "correct horse battery staple";

export async function makeOptions(store: Store): Promise<LatchkeyOptions> {
  return {
    secret: "a secret for tests, of more than 32 characters",
    baseURL: origin,
    store,
    clients,
    audiences: {
      [billing]: { scopes: ["invoices:read", "invoices:write"] },
      [reports]: { expiresIn: 60, scopes: ["reports:read"] },
    },
    services: {
      orders: {
        secretHash: await hashServiceSecret(secrets.orders),
        scopes: ["invoices:read", "orders:write"],
        audiences: [billing],
      },
      gateway: {
        secretHash: [await hashServiceSecret(secrets.gateway), await hashServiceSecret(secrets.old)],
        introspect: true,
      },
    },
    rateLimit: false,
    passwords: { hasher },
  };
}

export async function makeStage(
  options: Partial<LatchkeyOptions> = {},
  dress: (store: Store) => Store = (store) => store,
): Promise<Stage> {
  let now = 1_800_000_000_000;
  const clock = () => now;
  const store = dress(memoryStore({ clock }));
  const auth = latchkey({ ...(await makeOptions(store)), clock, ...options });
  const send = (path: string, init: RequestInit = {}) =>
    auth.handler(new Request(origin + path, init), { remoteAddress: "203.0.113.7" });
  const json: Stage["json"] = (path, body, headers = {}) =>
    send(`/api/auth${path}`, {
      method: "POST",
      body: JSON.stringify(body),
      headers: { "content-type": "application/json", ...headers },
    });
  const form: Stage["form"] = (path, fields, service) =>
    send(`/api/auth${path}`, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: service === undefined ? {} : { authorization: basic(service) },
    });
  const enter = async (path: string, client: string, email: string) =>
    readHeld(await json(path, { email, password, client }), `__Host-latchkey-${client}=`);
  return {
    auth,
    store,
    pass: (seconds) => {
      now += seconds * 1000;
    },
    now: () => now,
    signUp: (client, email = `${client}@example.com`) => enter("/sign-up/email", client, email),
    signIn: (client, email = `${client}@example.com`) => enter("/sign-in/email", client, email),
    send,
    json,
    form,
    introspect: async (token) => read(await form("/oauth2/introspect", { token }, "gateway")),
  };
}

export function basic(service: keyof typeof secrets, secret: string = secrets[service]): string {
  const id = service === "old" ? "gateway" : service;
  return `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
}

export function bearer(token: string | undefined): Record<string, string> {
  return { authorization: `Bearer ${token ?? ""}` };
}

/** A JSON body; throws unless it is an object. */
export async function read(response: Response): Promise<Record<string, unknown>> {
  const body: unknown = await response.json();
  if (typeof body !== "object" || body === null) throw new Error("no object");
  return Object.fromEntries(Object.entries(body));
}

/** The members of a JWT, unchecked. */
export function claimsOf(token: unknown): Record<string, unknown> {
  return JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString());
}

/** The exchange of a subject token by a service. */
export function exchangeForm(subject: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    grant_type: tokenExchange,
    subject_token: subject,
    subject_token_type: accessTokenType,
    audience: billing,
    ...more,
  };
}

async function readHeld(response: Response, cookieName: string): Promise<Held> {
  const body = (await response.json()) as {
    user: { id: string };
    session: { id: string };
    accessToken?: string;
    sessionToken?: string;
    refreshToken?: string;
    deviceToken?: string;
  };
  if (!response.ok) throw new Error(JSON.stringify(body));
  const cookies = response.headers.getSetCookie().map((line) => line.split(";", 1)[0] ?? "");
  const carried = cookies.find((pair) => pair.startsWith(cookieName))?.slice(cookieName.length);
  return {
    userId: body.user.id,
    sessionId: body.session.id,
    ...(body.accessToken === undefined ? {} : { access: body.accessToken }),
    ...(body.sessionToken === undefined ? {} : { session: body.sessionToken }),
    ...(body.refreshToken === undefined ? {} : { refresh: body.refreshToken }),
    ...(body.deviceToken === undefined ? {} : { device: body.deviceToken }),
    ...(cookies.length === 0 ? {} : { cookie: cookies.join("; ") }),
    ...(carried === undefined ? {} : { carried }),
  };
}
