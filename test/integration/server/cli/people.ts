import { randomBytes } from "node:crypto";
import type { NewUser, Store, UserRecord } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import { postJson, Visitor } from "../visitor.ts";

export const password = "correct horse staple";

/** Makes an account by signing up, and gives the browser that it was done with. */
export async function signUp(url: string, email: string): Promise<Visitor> {
  return submit(url, "/sign-up", email);
}

/** Signs in on a page of the server. */
export async function signIn(url: string, email: string): Promise<Visitor> {
  return submit(url, "/sign-in", email);
}

async function submit(url: string, path: string, email: string): Promise<Visitor> {
  const visitor = new Visitor(url);
  const { status } = await visitor.post(path, { email, password });
  if (status !== 303) throw new Error(`${path} was refused to ${email}: ${status}`);
  return visitor;
}

/** Signs in with a bearer client and gives its token. */
export async function tokenOf(url: string, email: string, client: string): Promise<string> {
  const { status, body } = await postJson(`${url}/api/auth/sign-in/email`, { email, password, client });
  if (status !== 200) throw new Error(`${email} was not signed in: ${status}`);
  return String(body.accessToken ?? body.sessionToken);
}

/** What the demo's protected route answers: the status, and the roles or the code. */
export async function me(url: string, headers: Record<string, string>): Promise<readonly [number, unknown]> {
  const response = await fetch(`${url}/api/me`, { headers });
  const body = (await response.json()) as { user?: { roles: unknown }; code?: unknown };
  return [response.status, body.user?.roles ?? body.code];
}

/** Opens the database beside whoever else has it open. */
export async function inStore<Result>(db: string, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = sqliteStore(db, { mustExist: true });
  await store.start();
  return work(store).finally(() => store.close());
}

/** Makes a user who cannot sign in. */
export function makeUser(db: string, user: Partial<NewUser>): Promise<UserRecord> {
  return inStore(db, async (store) => {
    const id = randomBytes(16).toString("base64url");
    const made = await store.createUser({
      id,
      email: null,
      name: null,
      roles: [],
      passwordHash: null,
      ...user,
    });
    if (!made.ok) throw new Error(`not made: ${made.code}`);
    return made.user;
  });
}
