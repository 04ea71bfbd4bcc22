import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { end, type RunningServer, startSharedServer } from "../run-server.ts";
import { postJson } from "../visitor.ts";
import { json, latchkey, type ShownUser } from "./command.ts";
import { inStore, makeUser, me, password, signIn, signUp } from "./people.ts";

let folder: string;
let db: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "latchkey-cli-"));
  db = join(folder, "a.db");
  server = await startSharedServer(["--demo", "--db", db]);
  await makeUser(db, { email: "boss@example.org", roles: ["admin"] });
});

afterAll(async () => {
  await end(server);
  rmSync(folder, { recursive: true });
});

const users = (...args: string[]) => latchkey(["users", ...args, "--db", db]);

test("create: who was made signs in on the running server with the password as it was piped in", async () => {
  const odd = "  spaces stay, also at the end ";
  const args = ["users", "create", "--email", "Ada@Example.org", "--name", "Ada L.", "--db", db];
  const made = await latchkey([...args, "--role", "editor", "--role", "author", "--password-stdin"], {
    input: `${odd}\n`,
  });
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(made.stdout).toMatch(/^Made ada@example\.org, id [\w-]{22}, roles editor, author\.\n$/);
  const signIn = (given: string) =>
    postJson(`${server.url}/api/auth/sign-in/email`, { email: "ada@example.org", password: given });
  expect((await signIn(odd)).body).toMatchObject({ user: { name: "Ada L.", roles: ["editor", "author"] } });
  expect((await signIn(odd.trim())).status).toBe(401);

  const again = await latchkey([...args, "--password-stdin"], { input: odd });
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toBe("latchkey: An account with this e-mail address exists. (email_taken)\n");
});

test("create: refusals of the library come through with their codes", async () => {
  const create = (email: string, input: string, ...more: string[]) =>
    latchkey(["users", "create", "--email", email, "--password-stdin", "--db", db, ...more], { input });
  const short = await create("eve@example.org", "seven77");
  expect(short.code).toBe(1);
  expect(short.stderr).toMatch(/^latchkey: The password is too short\. \(password_too_short\) .*8/);
  const common = await create("eve@example.org", "password1234", "--json");
  expect(common.code).toBe(1);
  expect(common.stderr).toContain("(password_too_common)");
  expect(JSON.parse(common.stdout)).toMatchObject({ error: { code: "password_too_common", title: /./ } });
  expect((await create("nobody", password)).stderr).toMatch(/\(invalid_input\) .*e-?mail/i);
  expect((await users("list", "--search", "eve@")).stdout).toBe("No users.\n");
});

test("list: newest first, by text, role and standing, and page by page", async () => {
  const list = (...args: string[]) =>
    json<{ users: ShownUser[]; next: string | null }>([
      "users",
      "list",
      "--search",
      "@list.",
      "--db",
      db,
      ...args,
    ]);
  const emails = ({ users }: { users: ShownUser[] }) => users.map(({ email }) => email);
  await makeUser(db, { email: "one@list.example", name: "李 小龙", roles: ["reader"] });
  const { id } = await makeUser(db, { email: "two@list.example", name: "Zoë" });
  await makeUser(db, { email: "three@list.example" });
  await inStore(db, (store) => store.banUser(id, { until: null, reason: null }));

  const all = await list();
  expect(emails(all)).toEqual(["three@list.example", "two@list.example", "one@list.example"]);
  expect(all.next).toBeNull();
  expect(all.users[2]).toEqual({
    id: expect.stringMatching(/^[\w-]{22}$/),
    email: "one@list.example",
    name: "李 小龙",
    roles: ["reader"],
    status: "active",
    createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
  });
  expect(emails(await list("--role", "reader"))).toEqual(["one@list.example"]);
  expect(emails(await list("--status", "banned"))).toEqual(["two@list.example"]);

  const page = await list("--limit", "2");
  expect(page.next).toBe(page.users[1]?.id);
  expect(emails(await list("--after", "two@list.example"))).toEqual(["one@list.example"]);
  const nowhere = await users("list", "--after", "gone@list.example");
  expect(nowhere).toMatchObject({ code: 1, stdout: "" });
  expect(nowhere.stderr).toContain("(user_not_found)");
});

test("list: a table whose columns stand below each other, with a word on what is left", async () => {
  await makeUser(db, { email: "wide@table.example", name: "李 小龙", roles: ["reader"] });
  await makeUser(db, { email: "narrow@table.example", name: "Zoë" });
  const { stdout, stderr } = await users("list", "--search", "@table.", "--limit", "2");
  const [head = "", narrow = "", wide = "", ...rest] = stdout.split("\n");
  expect(rest).toEqual([""]);
  expect(head).toMatch(/^ID +EMAIL +NAME +ROLES +STATUS +CREATED$/);
  const [id = ""] = /^[\w-]{22}/.exec(wide) ?? [];
  expect(stderr).toBe(`More with --after ${id}\n`);
  expect(narrow.indexOf("active")).toBe(head.indexOf("STATUS"));
  // Three of its characters are two columns wide.
  expect(wide.indexOf("active")).toBe(head.indexOf("STATUS") - 3);
  expect(narrow.slice(head.indexOf("ROLES"))).toMatch(/^- {7}active {2}\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/);
});

test("show: by id and by address in any spelling; whoever is not there is refused", async () => {
  const { id } = await makeUser(db, { email: "show@example.org", name: "Grace" });
  const byId = await users("show", id);
  expect(byId).toMatchObject({ code: 0, stderr: "" });
  expect(byId.stdout).toMatch(new RegExp(`^id +${id}\nemail +show@example\\.org\nname +Grace\nroles +-\n`));
  expect((await users("show", " SHOW@example.org")).stdout).toBe(byId.stdout);
  expect(await json(["users", "show", id, "--db", db])).toEqual({
    user: expect.objectContaining({ id }),
    ban: null,
  });
  for (const nobody of ["nobody@example.org", "AAAAAAAAAAAAAAAAAAAAAA"]) {
    const refused = await users("show", nobody);
    expect(refused).toEqual({
      code: 1,
      stdout: "",
      stderr: "latchkey: There is no such user. (user_not_found)\n",
    });
  }
});

test("an id that begins with a dash is no option; names that could move the cursor are shown as text", async () => {
  const id = "-Hz_0123456789abcdefgh";
  const name = "\u001b[2Jgone\u202Eenog\u009b1m";
  await makeUser(db, { id, email: "dash@example.org", name });
  const shown = await users("show", id);
  expect(shown.code).toBe(0);
  expect(shown.stdout).toContain("\\u001b[2Jgone\\u202eenog\\u009b1m");
  const asJson = await latchkey(["users", "show", id, "--json", "--db", db]);
  for (const character of ["\u001b", "\u009b", "\u202e"]) expect(asJson.stdout).not.toContain(character);
  expect(JSON.parse(asJson.stdout).user.name).toBe(name);
  expect((await users("list", "--after", id)).code).toBe(0);
  expect((await users("set-role", id, "reader")).stdout).toBe("dash@example.org has reader.\n");
  expect((await users("remove", id, "--yes")).code).toBe(0);
});

test("ban: the running server refuses the next request; unban lets them in and revives nothing", async () => {
  const visitor = await signUp(server.url, "mallory@example.org");
  const cookie = { cookie: visitor.cookie };
  expect(await me(server.url, cookie)).toEqual([200, []]);

  const banned = await users("ban", "mallory@example.org", "--for", "2h", "--reason", "spam, again");
  expect(banned).toEqual({
    code: 0,
    stdout: "Banned mallory@example.org for 2h: 1 session ended.\n",
    stderr: "",
  });
  expect(await me(server.url, cookie)).toEqual([401, "session_ended"]);
  const refused = await postJson(`${server.url}/api/auth/sign-in/email`, {
    email: "mallory@example.org",
    password,
  });
  expect([refused.status, refused.body.code]).toEqual([403, "user_banned"]);

  const shown = await json<{ user: ShownUser; ban: { until: string; reason: string } }>([
    ...["users", "show", "mallory@example.org", "--db", db],
  ]);
  expect(shown.user.status).toBe("banned");
  expect(shown.ban.reason).toBe("spam, again");
  const left = Date.parse(shown.ban.until) - Date.now();
  expect(left).toBeGreaterThan(7_100_000);
  expect(left).toBeLessThanOrEqual(7_200_000);
  expect((await users("show", "mallory@example.org")).stdout).toMatch(
    /status +banned\n(.*\n)until .*Z\nreason +spam, again\n$/,
  );

  const lifted = await users("unban", "mallory@example.org");
  expect(lifted).toEqual({ code: 0, stdout: "mallory@example.org is not banned.\n", stderr: "" });
  expect(await me(server.url, cookie)).toEqual([401, "session_ended"]);
  await signIn(server.url, "mallory@example.org");
  expect((await users("ban", "mallory@example.org")).stdout).toBe(
    "Banned mallory@example.org: 1 session ended.\n",
  );
  expect((await users("show", "mallory@example.org")).stdout).toMatch(/until +without end\n/);
  for (const verb of ["ban", "unban"]) expect((await users(verb, "nobody@example.org")).code).toBe(1);
});

test("set-role: the next check on the running server knows it", async () => {
  const { cookie } = await signUp(server.url, "roles@example.org");
  const set = await users("set-role", "roles@example.org", "editor", "author");
  expect(set).toEqual({ code: 0, stdout: "roles@example.org has editor, author.\n", stderr: "" });
  expect(await me(server.url, { cookie })).toEqual([200, ["editor", "author"]]);
  expect((await users("set-role", "roles@example.org", "--none")).stdout).toBe(
    "roles@example.org has no role.\n",
  );
  expect(await me(server.url, { cookie })).toEqual([200, []]);
  for (const wrong of [[], ["editor", "--none"]]) {
    const mistaken = await users("set-role", "roles@example.org", ...wrong);
    expect(mistaken.code).toBe(2);
    expect(mistaken.stderr).toMatch(
      /^latchkey: The list of roles is .*: name all roles .* or use --none\.\n$/,
    );
  }
  expect((await users("set-role", "roles@example.org", "x".repeat(65))).stderr).toContain(
    "(invalid_input) roles:",
  );
  expect((await users("set-role", "nobody@example.org", "editor")).stderr).toContain("(user_not_found)");
});

test("remove: only with --yes where nobody can be asked; ends everything at once", async () => {
  const { cookie } = await signUp(server.url, "leaver@example.org");
  const unasked = await users("remove", "leaver@example.org");
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toMatch(/^latchkey: users remove cannot be undone: .* needs --yes\.\n$/);
  expect(await me(server.url, { cookie })).toEqual([200, []]);
  const removed = await users("remove", "leaver@example.org", "--yes");
  expect(removed).toEqual({ code: 0, stdout: "Removed leaver@example.org: 1 session ended.\n", stderr: "" });
  expect((await me(server.url, { cookie }))[0]).toBe(401);
  const again = await users("remove", "leaver@example.org", "-y");
  expect(again.stderr).toBe("latchkey: There is no such user. (user_not_found)\n");
});

test("nobody is taken out of charge who is the last one", async () => {
  for (const args of [
    ["ban", "boss@example.org"],
    ["remove", "boss@example.org", "--yes"],
    ["set-role", "boss@example.org", "--none"],
  ]) {
    const refused = await users(...args);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toMatch(/^latchkey: Nobody would be left in charge\..* \(last_administrator\)\n$/);
  }
  expect((await users("list", "--role", "admin", "--status", "active")).stdout).toContain("boss@example.org");
});
