import { renameSync } from "node:fs";
import type { StrategyName, Transport } from "latchkey";
import { expect } from "vitest";
import { type Seen, Visitor } from "./visitor.ts";

/**
 * A running application to walk through. What it must offer, besides `auth.handler` below `/api/auth` and at the root
 * paths of the metadata:
 *
 * | route | for | answer |
 * |---|---|---|
 * | `GET /public` | everybody | `{ user: id or null }` |
 * | `GET /me` | who is signed in | `{ user: { id, roles }, session: { id }, client }` |
 * | `GET /admin` | role `admin` | `{ user: id }` |
 * | `POST /notes` `{text}` | permission `note:write` (role `editor` has it) | 201 `{ text, by: id }` |
 * | `GET /account` | who is signed in; others are sent to `/sign-in` | HTML that names the user's id, and the cookie `seen=1` |
 * | `GET /broken` | who is signed in; tests' own sites only | throws `Error("broken by the application")` |
 */
export interface Site {
  readonly baseURL: string;
  /** The client to sign in as. */
  readonly client: string;
  readonly strategy: StrategyName;
  readonly transport: Transport;
  /** Takes the store away; the answer brings it back. */
  readonly takeStore: () => () => void;
  /** Somebody with the role `admin`. */
  readonly admin: Person;
  /** Seconds, as configured. */
  readonly accessExpiresIn: number;
  readonly maxStaleness: number;
  readonly hasBroken: boolean;
  /** Milliseconds after which it knows of a change for certain, where another server makes the changes. Default: at once. */
  readonly lag?: number;
}

interface Person {
  readonly email: string;
  readonly password: string;
}

const password = "correct horse battery staple";
/** An answer within this many milliseconds is no hang. */
const promptly = 250;
let people = 0;

/** For a site over a SQLite file. */
export function takeFile(path: string): () => void {
  renameSync(path, `${path}.away`);
  return () => renameSync(`${path}.away`, path);
}

const isLive = ({ strategy }: Site): boolean => strategy.endsWith("-live");
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const newPerson = (): Person => ({ email: `person-${++people}@example.com`, password });
const visit = (site: Site): Visitor => new Visitor(site.baseURL, site.client, site.transport);

async function arrive(
  site: Site,
): Promise<{ visitor: Visitor; person: Person; id: string; session: string }> {
  const visitor = visit(site);
  const person = newPerson();
  const { json } = await visitor.signUp(person);
  const { user, session } = json as { user: { id: string }; session: { id: string } };
  return { visitor, person, id: user.id, session: session.id };
}

function expectProblem(seen: Seen, status: number, code: string): void {
  expect([seen.status, seen.code]).toEqual([status, code]);
  expect(seen.headers.get("content-type")).toBe("application/problem+json");
  expect(seen.headers.get("cache-control")).toBe("no-store");
  expect(seen.json).toMatchObject({ type: `urn:latchkey:error:${code}`, status, code });
  expect(seen.headers.has("www-authenticate")).toBe(status === 401);
}

/* ------------------------------------------------------------------ steps -- */

async function nobody(site: Site): Promise<void> {
  const visitor = visit(site);
  expect((await visitor.get("/public")).json).toEqual({ user: null });
  for (const path of ["/me", "/admin"]) expectProblem(await visitor.get(path), 401, "credential_missing");
  expectProblem(await visitor.post("/notes", { text: "hello" }), 401, "credential_missing");
  // Nothing that a client says of itself counts.
  const spoofed = { auth: "root", "x-user": "root", "x-user-id": "root", "x-latchkey-user": "root" };
  expect((await visitor.get("/public?auth[user][id]=root", spoofed)).json).toEqual({ user: null });
  expectProblem(await visitor.get("/me", spoofed), 401, "credential_missing");
  const head = await visitor.send("HEAD", "/me");
  expect([head.status, head.text]).toEqual([401, ""]);
}

async function known(site: Site): Promise<void> {
  const { visitor, person, id } = await arrive(site);
  for (const one of [visitor, visit(site)]) {
    if (one !== visitor) await one.signIn(person);
    const me = await one.get("/me");
    expect(me.json).toMatchObject({ user: { id, roles: [] }, client: site.client });
    expect((await one.get("/public")).json).toEqual({ user: id });
    const head = await one.send("HEAD", "/me");
    expect([head.status, head.text]).toEqual([200, ""]);
  }
}

async function roles(site: Site): Promise<void> {
  const { visitor, id } = await arrive(site);
  const admin = visit(site);
  await admin.signIn(site.admin);
  expect((await admin.get("/admin")).status).toBe(200);
  expectProblem(await visitor.get("/admin"), 403, "forbidden");
  expectProblem(await visitor.post("/notes", { text: "hello" }), 403, "forbidden");
  const granted = await admin.post("/api/auth/admin/set-role", { userId: id, roles: ["editor"] });
  expect(granted.status).toBe(200);
  await pause(site.lag ?? 0);
  const write = (): Promise<Seen> => visitor.post("/notes", { text: "hello" });
  if (site.strategy === "jwt") {
    expectProblem(await write(), 403, "forbidden");
    expect((await visitor.refresh()).code).toBeUndefined();
  }
  const written = await write();
  expect([written.status, written.json]).toEqual([201, { text: "hello", by: id }]);
  expectProblem(await visitor.get("/admin"), 403, "forbidden");
}

async function crossSite(site: Site): Promise<void> {
  const admin = visit(site);
  await admin.signIn(site.admin);
  const seen = await admin.crossSite("/notes");
  // No other site's page can make a browser send a bearer token.
  if (site.transport === "cookie") expectProblem(seen, 403, "csrf_refused");
  else expect(seen.code).toBeUndefined();
}

async function pages(site: Site): Promise<void> {
  const stranger = visit(site);
  const asBrowser = { "sec-fetch-mode": "navigate", "sec-fetch-site": "none", origin: null };
  const asOldBrowser = { "sec-fetch-mode": null, "sec-fetch-site": null, origin: null, accept: "text/html" };
  for (const headers of [asBrowser, asOldBrowser]) {
    const sent = await stranger.get("/account?tab=2&x=%2F", headers);
    const next = encodeURIComponent("/account?tab=2&x=%2F");
    expect([sent.status, sent.headers.get("location")]).toEqual([303, `/sign-in?next=${next}`]);
    expect(sent.headers.get("cache-control")).toBe("no-store");
  }
  expectProblem(await stranger.get("/account", { "sec-fetch-mode": "cors" }), 401, "credential_missing");
  const { visitor, id } = await arrive(site);
  const page = await visitor.get("/account", asBrowser);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(page.text).toContain(id);
  expect(page.headers.getSetCookie()).toEqual([expect.stringMatching(/^seen=1/)]);
}

/** The page of a cookie client whose access token has expired gets a new one, beside the application's own cookies. */
async function renewal(site: Site): Promise<void> {
  const { visitor, id } = await arrive(site);
  await pause(site.accessExpiresIn * 1000 + 1000);
  expectProblem(await visitor.get("/me"), 401, "access_expired");
  const page = await visitor.get("/account", { "sec-fetch-mode": "navigate" });
  expect([page.status, page.text]).toEqual([200, expect.stringContaining(id)]);
  const names = page.headers.getSetCookie().map((line) => line.split("=", 1)[0]);
  expect(names.sort()).toEqual([`latchkey-${site.client}`, `latchkey-${site.client}-refresh`, "seen"]);
  expect(page.headers.get("cache-control")).toBe("no-store");
  expect((await visitor.get("/me")).json).toMatchObject({ user: { id } });
}

async function revocation(site: Site): Promise<void> {
  const { visitor, person, session } = await arrive(site);
  const other = visit(site);
  await other.signIn(person);
  expect((await other.get("/api/auth/list-sessions")).text).toContain(session);
  const revoked = await other.post("/api/auth/revoke-session", { id: session });
  expect(revoked.json).toMatchObject({ revoked: 1 });
  expect(revoked.json?.until === undefined).toBe(site.strategy !== "jwt");
  await pause(site.lag ?? 0);
  if (site.strategy === "jwt") {
    expect((await visitor.get("/me")).status, "a plain JWT lives on").toBe(200);
    expect((await visitor.refresh()).status).toBe(401);
    return;
  }
  expectProblem(await visitor.get("/me"), 401, "session_ended");
  expect((await visitor.get("/me")).headers.get("www-authenticate")).toContain('error="invalid_token"');
  if (site.transport === "cookie") expect((await visitor.get("/public")).json).toEqual({ user: null });
  else expectProblem(await visitor.get("/public"), 401, "session_ended");
  expect((await other.get("/me")).status).toBe(200);
}

/** What nobody could take back is over when it expires. */
async function expiry(site: Site): Promise<void> {
  const { visitor, session } = await arrive(site);
  const revoked = await visitor.post("/api/auth/revoke-session", { id: session });
  expect(revoked.json?.until).toBeDefined();
  expect((await visitor.get("/me")).status).toBe(200);
  await pause(site.accessExpiresIn * 1000 + 1000);
  expectProblem(await visitor.get("/me"), 401, "access_expired");
}

async function signOut(site: Site): Promise<void> {
  const { visitor } = await arrive(site);
  const out = await visitor.post("/api/auth/sign-out", {});
  expect([out.status, out.json]).toEqual([200, expect.objectContaining({ success: true })]);
  await pause(site.lag ?? 0);
  if (site.transport === "cookie") expectProblem(await visitor.get("/me"), 401, "credential_missing");
  else if (site.strategy !== "jwt") expectProblem(await visitor.get("/me"), 401, "session_ended");
}

/** What is below the base path, in whatever spelling, is answered by the handler, led to its own spelling, or not at all. */
async function mount(site: Site): Promise<void> {
  const visitor = visit(site);
  expect((await visitor.get("/api/auth/ok")).status).toBe(200);
  expectProblem(await visitor.get("/api/auth/nothing"), 404, "not_found");
  for (const path of ["", "/api/auth"]) {
    const { json } = await visitor.get(`/.well-known/oauth-authorization-server${path}`);
    expect(json?.issuer).toMatch(/\/api\/auth$/);
  }
  const { visitor: somebody } = await arrive(site);
  const spellings = [
    "//api/auth/list-sessions",
    "/api//auth/list-sessions",
    "/api/auth/./%2e/list-sessions/",
  ];
  for (const path of spellings) expect((await somebody.get(path)).status, path).toBeGreaterThanOrEqual(300);
  const cut = await visitor.send("POST", "/api/auth/sign-in/email", {
    body: "{",
    headers: { "content-type": "application/json" },
  });
  expect([400, 422]).toContain(cut.status);
  const big = await visitor.post("/api/auth/sign-in/email", { email: "x".repeat(70_000), password: "x" });
  expectProblem(big, 413, "body_too_large");
}

/** An error of the application is the framework's to answer. */
async function broken(site: Site): Promise<void> {
  if (!site.hasBroken) return;
  const { visitor } = await arrive(site);
  for (const path of ["/broken", "/broken?later"]) {
    const seen = await visitor.get(path, { accept: "text/html" });
    expect([seen.status, seen.code]).toEqual([500, undefined]);
  }
}

/** An outage is 503, soon, and neither "signed out" nor "signed in"; afterwards all is as it was. */
async function outage(site: Site): Promise<void> {
  const { visitor, id } = await arrive(site);
  expect((await visitor.get("/me")).status).toBe(200);
  const bringBack = site.takeStore();
  try {
    if (isLive(site)) await pause(site.maxStaleness * 1000 + 400);
    if (site.strategy === "jwt") {
      expect((await visitor.get("/me")).json).toMatchObject({ user: { id } });
    } else {
      const times: number[] = [];
      for (const path of ["/me", "/public", "/admin"]) {
        const started = performance.now();
        const seen = await visitor.get(path);
        times.push(performance.now() - started);
        expect([seen.status, seen.headers.get("retry-after")]).toEqual([503, expect.stringMatching(/^\d+$/)]);
        expect(seen.headers.get("content-type")).toBe("application/problem+json");
        expect(seen.headers.get("cache-control")).toBe("no-store");
        expect(seen.headers.getSetCookie()).toEqual([]);
      }
      // The machine may be busy with something else for one of them.
      expect(Math.min(...times)).toBeLessThan(promptly);
      expect(Math.max(...times)).toBeLessThan(promptly * 6);
    }
    expect((await visit(site).get("/me")).status, "nothing was sent, nothing is asked").toBe(401);
  } finally {
    bringBack();
  }
  const deadline = Date.now() + 5000;
  while ((await visitor.get("/me")).status === 503 && Date.now() < deadline) await pause(50);
  expect((await visitor.get("/me")).json).toMatchObject({ user: { id } });
}

const steps = { nobody, known, roles, crossSite, pages, revocation, signOut, mount, broken, outage };

/** A step of the walk. */
export type Step = keyof typeof steps;

/** Walks through an application; through those `steps` only that an application which is no whole one has. */
export async function scenario(
  site: Site,
  wanted: readonly Step[] = Object.keys(steps) as Step[],
): Promise<void> {
  for (const name of wanted) await named(name, steps[name](site));
}

/**
 * Walks through what comes with the end of an access token, where that is a matter of seconds: for strategies with JWTs by
 * cookie, and for plain `jwt` by bearer.
 */
export async function endOfTokens(site: Site): Promise<void> {
  if (site.transport === "cookie") await named("renewal", renewal(site));
  else await named("expiry", expiry(site));
}

async function named(step: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) error.message = `${step}: ${error.message}`;
    throw error;
  }
}
