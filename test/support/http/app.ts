import { createHash } from "node:crypto";
import { type Auth, type LatchkeyOptions, latchkey } from "latchkey";
import { expect, onTestFailed, onTestFinished } from "vitest";
import { type ManualClock, makeClock } from "./clock.ts";
import {
  type Answer,
  type Ask,
  type Body,
  type Device,
  makeDevice,
  makePerson,
  type Person,
} from "./device.ts";
import { examine, type OpenApiDocument } from "./examine.ts";
import { quickHasher } from "./hasher.ts";
import { type StoreSpy, spyOnStore } from "./store-spy.ts";
import { type OpenedStore, type StoreKind, stores } from "./stores.ts";

export const origin = "https://app.example";
export const secret = "a secret for tests, 32 characters or more";

/** Every transport with a session and with a JWT that stands alone. */
export const clients = {
  web: { transport: "cookie", strategy: "session" },
  mobile: { transport: "bearer", strategy: "session" },
  "web-jwt": { transport: "cookie", strategy: "jwt", refresh: false },
  "mobile-jwt": { transport: "bearer", strategy: "jwt", refresh: false },
} as const;

export type ClientName = keyof typeof clients;

/** Those that keep sessions: an idle limit or a device limit cannot hold for the others. */
export const withSessions = { web: clients.web, mobile: clients.mobile } as const;

export const clientNames: readonly ClientName[] = ["web", "mobile", "web-jwt", "mobile-jwt"];

export const cookieClients: readonly ClientName[] = ["web", "web-jwt"];

/** The clients whose credential can be taken back at once. */
export const sessionClients: readonly ClientName[] = ["web", "mobile"];

/** An application under test. */
export interface App {
  readonly auth: Auth;
  readonly clock: ManualClock;
  readonly spy: StoreSpy;
  readonly opened: OpenedStore;
  readonly document: OpenApiDocument;
  /** What reached the log as an error. */
  readonly logged: readonly object[];
  /** What reached it as a warning. */
  readonly warned: readonly object[];
  device(client?: string): Device;
  /** A device on which somebody new is signed in. */
  arrive(client?: string): Promise<Arrived>;
  /** Somebody with an account, signed in nowhere. */
  enrol(): Promise<Person & { readonly id: string }>;
}

export interface Arrived {
  readonly device: Device;
  readonly person: Person;
  readonly userId: string;
  readonly sessionId: string;
}

/** Options of {@link makeApp}: those of `latchkey()`, and where the data lies. */
export interface AppOptions extends Partial<LatchkeyOptions> {
  readonly kind?: StoreKind;
  /** A store that others use too; it is left open and in place. */
  readonly shared?: OpenedStore;
  /** The machine's clock, for what is measured. */
  readonly realTime?: boolean;
  /** False: it is left to the first call to start it. */
  readonly begin?: boolean;
}

/**
 * Makes an application for the running test and takes it away afterwards. Every answer that one of its devices
 * gets is examined: see {@link examine}.
 */
export async function makeApp(options: AppOptions = {}): Promise<App> {
  const { kind = firstKind(), shared, realTime = false, begin = true, ...given } = options;
  const clock = makeClock();
  const opened = shared ?? kind.open(realTime ? undefined : clock.read);
  const spy = spyOnStore(opened.store);
  const logged: object[] = [];
  const warned: object[] = [];
  const hasher = quickHasher();
  const auth = latchkey({
    secret,
    baseURL: origin,
    store: spy.store,
    clients,
    passwords: { hasher },
    rateLimit: false,
    logger: {
      info: () => undefined,
      warn: (fields) => void warned.push(fields),
      error: (fields) => void logged.push(fields),
    },
    ...(realTime ? {} : { clock: clock.read }),
    ...given,
  });
  onTestFailed(({ task }) => tellFaults(task.result?.errors ?? [], [...logged, ...warned]));
  onTestFinished(async () => {
    await auth.close();
    if (shared === undefined) opened.remove();
  });
  if (begin) await auth.start();
  spy.forget();
  const document = await readDocument(auth, given.clients ?? clients);
  const ask = makeAsk(auth, document);
  const cookieNames = cookieNamesOf(document);
  const device = (client: string = "web"): Device => makeDevice(ask, client, cookieNames.get(client), origin);
  return {
    auth,
    clock,
    spy,
    opened,
    document,
    logged,
    warned,
    device,
    async arrive(client = "web") {
      const one = device(client);
      const person = makePerson();
      const { body } = await one.signUp(person);
      return { device: one, person, userId: body.user?.id ?? "", sessionId: body.session?.id ?? "" };
    },
    async enrol() {
      const person = makePerson();
      const made = await auth.api.createUser(person);
      if (!made.ok) throw new Error(made.code);
      return { ...person, id: made.user.id };
    },
  };
}

const documents = new Map<string, OpenApiDocument>();

/** The document of these clients, made once. */
async function readDocument(auth: Auth, configured: object): Promise<OpenApiDocument> {
  const key = JSON.stringify(configured);
  const known = documents.get(key);
  if (known !== undefined) return known;
  const response = await auth.handler(new Request(`${origin}/api/auth/openapi.json`));
  const document: OpenApiDocument = await response.json();
  documents.set(key, document);
  return document;
}

/** A test that fails says which faults the application met, as its answers do not. */
function tellFaults(errors: readonly { message: string }[], faults: readonly object[]): void {
  const met = faults.map((fields) => ("err" in fields ? String(fields.err) : JSON.stringify(fields)));
  for (const error of errors)
    if (met.length > 0) error.message += `\nthe log says: ${[...new Set(met)].join("; ")}`;
}

function firstKind(): StoreKind {
  const [kind] = stores;
  if (kind === undefined) throw new Error("there is no store to test over");
  return kind;
}

function cookieNamesOf(document: OpenApiDocument): ReadonlyMap<string, string> {
  const schemes = Object.entries(document.components.securitySchemes);
  return new Map(
    schemes.flatMap(([scheme, one]) => {
      const name = "name" in one && typeof one.name === "string" ? one.name : undefined;
      return name === undefined ? [] : [[scheme.replace(/^cookie-/, ""), name] as const];
    }),
  );
}

/** Asks the handler, examines the answer, and remembers every secret that goes in or comes out. */
function makeAsk(auth: Auth, document: OpenApiDocument): Ask {
  const secrets = new Set<string>();
  return async (method, path, init) => {
    for (const password of passwordsIn(init.body)) secrets.add(password);
    const request = new Request(`${origin}/api/auth${path}`, init);
    const authorization = request.headers.get("authorization");
    const response = await auth.handler(request, { remoteAddress: "192.0.2.7" });
    const text = await response.text();
    const route = path.split("?", 1)[0] ?? "";
    examine({ method, path: route, authorization, response, text }, { document, secrets });
    const answer = readAnswer(response, text);
    for (const part of secretParts(answer)) secrets.add(part);
    return answer;
  };
}

function readAnswer(response: Response, text: string): Answer {
  const json: unknown = text === "" ? undefined : JSON.parse(text);
  const body: Body = text === "" ? {} : (JSON.parse(text) ?? {});
  const { status, headers } = response;
  return { status, code: status >= 400 ? body.code : undefined, headers, text, body, json };
}

function passwordsIn(body: RequestInit["body"]): readonly string[] {
  if (typeof body !== "string") return [];
  // Those of several words only: a random one may well be a word that belongs into an answer.
  const found = body.matchAll(/"(?:password|currentPassword|newPassword)":"(\w+ \w+ [^"\\]*)"/g);
  return [...found].map(([, password]) => password ?? "");
}

/** The parts of a token that must never be seen again, and what the store keeps of it. */
function secretParts({ headers, body }: Answer): readonly string[] {
  const cookies = headers.getSetCookie().map((cookie) => (cookie.split(";", 1)[0] ?? "").split("=")[1] ?? "");
  const { sessionToken, accessToken, refreshToken, deviceToken } = body;
  const tokens = [sessionToken, accessToken, refreshToken, deviceToken, ...cookies];
  return tokens.flatMap((token = "") => {
    // Neither what names a token nor the count of a refresh token is a secret.
    const secrets = token
      .split(".")
      .slice(1)
      .filter((part) => part.length > 20);
    const hashes = secrets.map((part) => createHash("sha256").update(part).digest("base64url"));
    return token === "" ? [] : [token, ...secrets, ...hashes];
  });
}

/** The refusal's code where there is one, else the status: what a table of expectations names. */
export function outcome({ code, status }: Answer): string | number {
  return code ?? status;
}

/** What the application's own check says of a device, as a page of the application would make it. */
export async function check({ auth }: App, device: Device): Promise<string> {
  const result = await auth.authenticate(new Request(origin, { headers: device.credentialHeaders() }));
  return result.ok ? "accepted" : result.code;
}

/** Whether the device is known: what `get-session` shows of it. */
export async function whoIs(device: Device): Promise<string | null> {
  const answer = await device.get("/get-session");
  if (answer.json === null) return null;
  if (answer.code !== undefined) return answer.code;
  expect(answer.body.session?.userId).toBe(answer.body.user?.id);
  return answer.body.user?.id ?? "";
}
