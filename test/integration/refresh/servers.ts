import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { end, startSharedServer } from "../server/run-server.ts";

/** The counts of the promise itself; without it fewer, so that a small busy machine is done in seconds. */
export const isFull: boolean = process.env.LATCHKEY_FULL === "1";

export const password = "correct horse battery staple";
export const administrator = "root@example.com";

/** Settings of the processes that a test starts. */
export interface ServerOptions {
  readonly processes?: number;
  /** In seconds. */
  readonly grace: number;
  readonly accessExpiresIn?: number;
}

// Hashing is not what is tried here: with a real hasher most of the time would go into making accounts.
const hasher = `{
  hash: async (text) => "$plain$" + text,
  verify: async (hash, text) => hash === "$plain$" + text,
}`;

/** Processes on one SQLite file. */
export interface Servers {
  readonly urls: readonly string[];
  /** Ends them, and removes what they kept. */
  readonly stop: () => Promise<void>;
}

/** Starts `latchkey serve --demo` as often as wanted. Whoever starts them ends them. */
export async function startServers(options: ServerOptions): Promise<Servers> {
  const { processes = 1, grace, accessExpiresIn = 900 } = options;
  const folder = mkdtempSync(join(tmpdir(), "latchkey-refresh-"));
  const config = join(folder, "latchkey.config.mjs");
  writeFileSync(
    config,
    `export default { access: { expiresIn: ${accessExpiresIn} }, passwords: { hasher: ${hasher} } };`,
  );
  const flags = ["--demo", "--rate-limit", "off", "--refresh-grace", String(grace), "--config", config];
  const env = {
    PATH: process.env.PATH,
    LATCHKEY_SECRET: "a secret for tests of more than 32 characters",
    LATCHKEY_ADMIN_EMAIL: administrator,
    LATCHKEY_ADMIN_PASSWORD: password,
    LATCHKEY_LOG_LEVEL: "warn",
    // What all are reached at: else each would name itself in its tokens.
    ...(processes > 1 ? { LATCHKEY_BASE_URL: "http://127.0.0.1" } : {}),
  };
  const start = () => startSharedServer(["--db", join(folder, "a.db"), ...flags], env);
  const started = await Promise.all(Array.from({ length: processes }, start));
  const stop = async (): Promise<void> => {
    await Promise.all(started.map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  return { urls: started.map(({ url }) => url), stop };
}

/** A request as it goes out. */
export interface Sent {
  readonly path: string;
  readonly headers?: { readonly [name: string]: string };
  /** JSON; makes it a POST. */
  readonly body?: object;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Body;
}

/** What tests read of an answer. */
export interface Body {
  readonly code?: string;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  readonly sessionToken?: string;
  readonly revoked?: number;
  readonly kid?: string;
  readonly user?: { readonly id: string };
  readonly session?: { readonly id: string };
  readonly events?: readonly { readonly type: string; readonly sessionId: string }[];
  readonly keys?: readonly { readonly kid: string }[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });

/** Sends it over a connection that is kept, and again if the server had just closed that: as browsers do. */
export async function ask(url: string, sent: Sent): Promise<Answer> {
  for (;;) {
    const answer = await attempt(url, sent, false);
    if (answer !== undefined) return answer;
  }
}

/** Sends it and cuts the connection as soon as the answer begins. */
export async function askAndLose(url: string, sent: Sent): Promise<void> {
  await attempt(url, sent, true);
}

function attempt(
  url: string,
  { path, headers = {}, body }: Sent,
  lose: boolean,
): Promise<Answer | undefined> {
  return new Promise((resolve, reject) => {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const json = text === undefined ? {} : { "content-type": "application/json" };
    const method = text === undefined ? "GET" : "POST";
    const options = { agent, method, headers: { ...json, ...headers } };
    const outgoing = request(url + path, options, (response) => {
      if (lose) {
        outgoing.destroy();
        resolve(undefined);
        return;
      }
      let received = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        received += part;
      });
      response.on("end", () => {
        const parsed: Body = received === "" ? {} : JSON.parse(received);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
      });
      response.on("error", reject);
    });
    outgoing.on("error", (error) => {
      if (lose || outgoing.reusedSocket) resolve(undefined);
      else reject(error);
    });
    outgoing.end(text);
  });
}

/**
 * The same, asked again while the server cannot tell: on a busy machine one process may hold the database's lock for
 * longer than another one waits for it.
 */
export async function askPatiently(url: string, sent: Sent): Promise<Answer> {
  for (;;) {
    const answer = await ask(url, sent);
    if (answer.status !== 503) return answer;
    if (answer.headers["retry-after"] === undefined)
      throw new Error("a 503 that does not say when to come again");
    unavailable++;
    await pause(50 * Math.random());
  }
}

let unavailable = 0;

/** How often a server could not tell. */
export function timesUnavailable(): number {
  return unavailable;
}

/** Does it for all, so many at a time. */
export async function forAll<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) {
      results[index] = await work(items[index] as Item, index);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

let people = 0;

/** Makes an account and signs in to it. */
export async function signUp(url: string, client: string): Promise<Answer & { readonly email: string }> {
  const email = `person-${people++}@example.com`;
  const answer = await askPatiently(url, {
    path: "/api/auth/sign-up/email",
    body: { email, password, client },
  });
  if (answer.status !== 201) throw new Error(`not signed up: ${answer.body.code}`);
  return { ...answer, email };
}

export async function signIn(url: string, email: string, client: string): Promise<Answer> {
  const answer = await askPatiently(url, {
    path: "/api/auth/sign-in/email",
    body: { email, password, client },
  });
  if (answer.status !== 200) throw new Error(`not signed in: ${answer.body.code}`);
  return answer;
}

/** The header that carries the credential of an answer. */
export function bearer({ body }: Answer): { readonly authorization: string } {
  return { authorization: `Bearer ${body.accessToken ?? body.sessionToken}` };
}
