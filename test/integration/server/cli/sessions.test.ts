import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { end, type RunningServer, startSharedServer } from "../run-server.ts";
import { json, latchkey } from "./command.ts";
import { makeUser, me, signIn, signUp, tokenOf } from "./people.ts";

let folder: string;
let db: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "latchkey-cli-"));
  db = join(folder, "a.db");
  server = await startSharedServer(["--demo", "--db", db]);
});

afterAll(async () => {
  await end(server);
  rmSync(folder, { recursive: true });
});

const sessions = (...args: string[]) => latchkey(["sessions", ...args, "--db", db]);

interface Shown {
  readonly id: string;
  readonly client: string;
}

async function listOf(email: string): Promise<readonly Shown[]> {
  return (await json<{ sessions: Shown[] }>(["sessions", "list", email, "--db", db])).sessions;
}

test("list and revoke: one device is out at its next request, the other stays", async () => {
  const desk = await signUp(server.url, "ada@example.org");
  const phone = await signIn(server.url, "ada@example.org");
  const listed = await sessions("list", "ada@example.org");
  expect(listed).toMatchObject({ code: 0, stderr: "" });
  expect(listed.stdout).toMatch(
    /^ID +CLIENT +DEVICE +ADDRESS +SIGNED IN +LAST SEEN +EXPIRES\n([\w-]{22} +web .*Z\n){2}$/,
  );
  const [newest, oldest] = await listOf("ada@example.org");
  expect(newest).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    client: "web",
    device: null,
    ipAddress: "127.0.0.1",
    userAgent: "node",
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    lastSeenAt: expect.stringMatching(/Z$/),
    expiresAt: expect.stringMatching(/Z$/),
  });
  // Made in one second, they are in either order.
  const id = newest?.id === (await idOf(phone.cookie)) ? newest.id : String(oldest?.id);
  expect(await sessions("revoke", id)).toEqual({ code: 0, stdout: "Ended the session.\n", stderr: "" });
  expect(await me(server.url, { cookie: phone.cookie })).toEqual([401, "session_ended"]);
  expect((await me(server.url, { cookie: desk.cookie }))[0]).toBe(200);
  const again = await sessions("revoke", id, "--json");
  expect(again.code).toBe(1);
  expect(again.stderr).toBe("latchkey: There is no such session. (session_not_found)\n");
  expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: "session_not_found" } });
});

async function idOf(cookie: string): Promise<string> {
  const response = await fetch(`${server.url}/api/me`, { headers: { cookie } });
  return ((await response.json()) as { session: { id: string } }).session.id;
}

test("revoke: of a client that only the server's settings name, and that some tokens may live on", async () => {
  await signUp(server.url, "grace@example.org");
  await tokenOf(server.url, "grace@example.org", "jwt");
  const id = String((await listOf("grace@example.org")).find(({ client }) => client === "jwt")?.id);
  const revoked = await json<{ revoked: number; until: string }>(["sessions", "revoke", id, "--db", db]);
  expect(revoked.revoked).toBe(1);
  expect(Date.parse(revoked.until)).toBeGreaterThan(Date.now());
});

test("revoke-all: every device is out; what cannot be taken back is named", async () => {
  const desk = await signUp(server.url, "edith@example.org");
  const phone = await tokenOf(server.url, "edith@example.org", "session");
  const bearer = { authorization: `Bearer ${phone}` };
  expect((await me(server.url, bearer))[0]).toBe(200);
  const revoked = await sessions("revoke-all", "edith@example.org");
  expect(revoked).toMatchObject({ code: 0, stdout: "Signed out edith@example.org: 2 sessions ended.\n" });
  // Without the server's settings the command cannot know what "session" is.
  expect(revoked.stderr).toMatch(/^Some were of clients .* \(session\): .* --demo would tell\.\n$/);
  expect((await me(server.url, bearer))[0]).toBe(401);
  expect((await me(server.url, { cookie: desk.cookie }))[0]).toBe(401);
  expect((await sessions("list", "edith@example.org")).stdout).toBe("edith@example.org has no session.\n");

  const none = await sessions("revoke-all", "edith@example.org", "--demo");
  expect(none.stdout).toMatch(
    /^Signed out edith@example\.org: 0 sessions ended\. Access tokens of strategy jwt cannot .*Z\.\n$/,
  );
  expect(none.stderr).toBe("");
  for (const verb of ["list", "revoke-all"]) {
    expect((await sessions(verb, "nobody@example.org")).stderr).toContain("(user_not_found)");
  }
});

test("revoke-everything: everybody is out, and only if somebody said yes", async () => {
  await makeUser(db, { email: "boss@example.org", roles: ["admin"] });
  const one = await signUp(server.url, "one@example.org");
  const other = await signUp(server.url, "other@example.org");
  const unasked = await sessions("revoke-everything");
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toMatch(
    /^latchkey: sessions revoke-everything cannot be undone: .* needs --yes\.\n$/,
  );
  expect((await me(server.url, { cookie: one.cookie }))[0]).toBe(200);
  const done = await sessions("revoke-everything", "--yes");
  expect(done).toEqual({ code: 0, stdout: "Ended every session of everybody.\n", stderr: "" });
  for (const { cookie } of [one, other]) expect((await me(server.url, { cookie }))[0]).toBe(401);
  await signIn(server.url, "one@example.org");
});
