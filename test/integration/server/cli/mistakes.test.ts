import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterAll, beforeAll, expect, test } from "vitest";
import { end, startSharedServer, temporaryFolder } from "../run-server.ts";
import { latchkey, type Surroundings } from "./command.ts";
import { makeUser, password } from "./people.ts";

let folder: string;
let db: string;

// The server made it and is gone: the command works without one.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "latchkey-cli-"));
  db = join(folder, "a.db");
  const server = await startSharedServer(["--db", db]);
  server.child.kill("SIGTERM");
  await server.ended;
  await end(server);
  await makeUser(db, { email: "ada@example.org" });
});

afterAll(() => rm(folder, { recursive: true }));

/** [arguments, the one line that must be printed, what surrounds the run] */
type Mistake = readonly [args: readonly string[], line: RegExp, around?: Surroundings];

const create = ["users", "create", "--email", "eve@example.org"];
const fromStdin = [...create, "--password-stdin"];

/** All of them end with exit code 2 and change nothing. */
const mistakes: { readonly [name: string]: Mistake } = {
  "duration without a unit": [
    ["users", "ban", "ada@example.org", "--for", "3600"],
    /^latchkey: --for is "3600": give a whole number with its unit, e\.g\. 45m, 2h, 30d or 6w\.$/,
  ],
  "duration of nothing": [["users", "ban", "ada@example.org", "--for", "0h"], /^latchkey: --for is "0h": /],
  "duration beyond all bounds": [
    ["users", "ban", "ada@example.org", "--for", "99999999d"],
    /^latchkey: --for is "99999999d": that is a thousand years or more; leave --for out/,
  ],
  "empty reason": [
    ["users", "ban", "ada@example.org", "--reason", " "],
    /^latchkey: --reason is empty: give 1 to 500 characters\.$/,
  ],
  "limit of none": [
    ["users", "list", "--limit", "0"],
    /^latchkey: --limit is "0": give a whole number from 1 to 200\.$/,
  ],
  "limit that is no number": [
    ["events", "list", "--limit", "ten"],
    /^latchkey: --limit is "ten": give a whole/,
  ],
  "standing that does not exist": [
    ["users", "list", "--status", "gone"],
    /^latchkey: --status is "gone": use active or banned\.$/,
  ],
  "type that does not exist": [
    ["events", "list", "--type", "login"],
    /^latchkey: --type is "login": use signed_up, signed_in, .* or service_token_issued/,
  ],
  "entry that is none": [
    ["events", "list", "--before", "0"],
    /^latchkey: --before is "0": give the number of an entry\.$/,
  ],
  "option that does not exist": [["users", "list", "--serach", "x"], /^latchkey: unknown option '--serach'$/],
  "command that does not exist": [["users", "lst"], /^latchkey: unknown command 'lst'$/],
  "user left out": [["users", "show"], /^latchkey: missing required argument 'id\|email'$/],
  "address left out": [["users", "create"], /^latchkey: required option '--email <address>' not specified$/],
  "one argument too many": [["sessions", "revoke", "a", "b"], /^latchkey: too many arguments/],
  "configuration that is not there": [
    ["keys", "list", "--config", "no.json"],
    /^latchkey: --config is "no\.json": /,
  ],
  "password among the arguments": [
    [...create, "--password", "hush-hush"],
    /^latchkey: A password does not belong on the command line, .* --password-stdin\.$/,
  ],
  "password among the arguments, mistyped": [
    [...create, "--pasword=hush-hush'"],
    /^latchkey: unknown option '--pasword'$/,
  ],
  "password piped in without a word": [
    create,
    /^latchkey: The password is missing: without a terminal to ask on, pipe it in and add --password-stdin\.$/,
    { input: "hush-hush-hush" },
  ],
  "nothing on standard input": [
    fromStdin,
    /^latchkey: Standard input is empty: pipe the password in\.$/,
    { input: "\n" },
  ],
  "several lines on standard input": [
    fromStdin,
    /^latchkey: Standard input is of several lines: /,
    { input: "hush-hush\nhush" },
  ],
  "no text on standard input": [
    fromStdin,
    /^latchkey: Standard input is no UTF-8 text: /,
    { input: new Uint8Array([104, 117, 255, 104, 45, 104, 117, 115, 104]) },
  ],
  "a whole file on standard input": [
    fromStdin,
    /^latchkey: Standard input is too long: /,
    { input: "hush".repeat(20_000) },
  ],
};

for (const [name, [args, line, around]] of Object.entries(mistakes)) {
  test(`${name}: one message, exit code 2`, async () => {
    const { code, stdout, stderr } = await latchkey([...args, "--db", db], around);
    expect(stdout).toBe("");
    const [message = "", ...rest] = stderr.trimEnd().split("\n");
    expect(message).toMatch(line);
    expect(rest.filter((more) => !/Did you mean/.test(more))).toEqual([]);
    expect(stderr).not.toContain("hush");
    expect(code).toBe(2);
  });
}

test("none of these mistakes changed anything", async () => {
  const { stdout } = await latchkey(["users", "list", "--db", db]);
  expect(stdout.trimEnd().split("\n").slice(1)).toEqual([
    expect.stringMatching(/ada@example\.org .* active /),
  ]);
  expect((await latchkey(["events", "list", "--db", db])).stdout).toBe("No entries.\n");
});

test("a database on a server is not for these commands, and its password is not shown", async () => {
  const env = { LATCHKEY_DB: "postgres://app:hush-hush@127.0.0.1/auth" };
  const { code, stderr } = await latchkey(["users", "list"], { cwd: temporaryFolder(), env });
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^latchkey: --db is the address of a server: .* below \/admin of the running server\.\n$/,
  );
  expect(stderr).not.toContain("hush");
});

test("a database that is not there is named, and neither it nor a secret nor a folder is made", async () => {
  const empty = temporaryFolder();
  const missing = await latchkey(["users", "list"], { cwd: empty });
  expect(missing).toMatchObject({ code: 2, stdout: "" });
  expect(missing.stderr).toMatch(
    /^latchkey: --db is "\.\/data\/latchkey\.db": there is no such file; give the server's .*\n$/,
  );
  const named = join(empty, "deep", "b.db");
  expect((await latchkey(["keys", "rotate", "--db", named])).stderr).toContain(
    `--db is ${JSON.stringify(named)}`,
  );
  expect((await latchkey(["users", "list", "--db", ":memory:"], { cwd: empty })).code).toBe(2);
  expect(readdirSync(empty)).toEqual([]);
});

test("a file that is no database of a server is left as it is", async () => {
  const here = temporaryFolder();
  const env = { LATCHKEY_SECRET: "s".repeat(40) };
  const other = join(here, "shop.db");
  const database = new Database(other);
  database.exec("create table orders (id)");
  database.close();
  const files: { readonly [file: string]: RegExp } = {
    [other]:
      /^latchkey: Cannot open the database: .*shop\.db is no database of latchkey: none of its tables is there\.\n$/,
    [join(here, "empty.db")]: /^latchkey: Cannot open the database: .*empty\.db is no database of latchkey/,
    [join(here, "letter.db")]:
      /^latchkey: We cannot tell right now\. .*\(cannot_tell\) the database .*letter\.db cannot answer/,
  };
  writeFileSync(join(here, "empty.db"), "");
  writeFileSync(join(here, "letter.db"), "Dear aunt, this is no database at all.\n".repeat(100));
  for (const [file, line] of Object.entries(files)) {
    const before = readFileSync(file);
    const { code, stdout, stderr } = await latchkey(["users", "list", "--db", file], { env });
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(line);
    expect(readFileSync(file)).toEqual(before);
  }
  expect(readdirSync(here).sort()).toEqual(["empty.db", "letter.db", "shop.db"]);
});

test("a database without keys gets none from the command", async () => {
  const file = join(temporaryFolder(), "b.db");
  const { sqliteStore } = await import("latchkey/sqlite");
  const store = sqliteStore(file);
  await store.start();
  const env = { LATCHKEY_SECRET: "s".repeat(40) };
  const { code, stderr } = await latchkey(["keys", "list", "--db", file], { env });
  expect([code, stderr]).toEqual([
    1,
    `latchkey: ${file} holds no keys: no server has been started on it yet.\n`,
  ]);
  expect((await store.listKeys()).keys).toEqual([]);
  await store.close();
});

test("while somebody else holds the database it cannot tell, and what was asked for does not happen later", async () => {
  const other = new Database(db);
  other.exec("begin immediate");
  const made = await latchkey([...fromStdin, "--json", "--db", db], { input: password });
  other.exec("rollback");
  other.close();
  expect(made.code).toBe(1);
  expect(made.stderr).toMatch(
    /^latchkey: We cannot tell right now\. Try again in a moment\. \(cannot_tell\) .* was locked or busy for \d+ ms\n$/,
  );
  expect(JSON.parse(made.stdout)).toMatchObject({
    error: { code: "cannot_tell", title: "We cannot tell right now. Try again in a moment." },
  });
  expect((await latchkey(["users", "show", "eve@example.org", "--db", db])).stderr).toContain(
    "(user_not_found)",
  );
});

test("every command helps, with examples and the settings of the server", async () => {
  const commands = [
    ...["list", "show", "create", "ban", "unban", "set-role", "remove"].map((name) => ["users", name]),
    ...["list", "revoke", "revoke-all", "revoke-everything"].map((name) => ["sessions", name]),
    ...[
      ["keys", "list"],
      ["keys", "rotate"],
      ["events", "list"],
    ],
  ];
  for (const command of commands) {
    const { code, stdout } = await latchkey([...command, "--help"]);
    expect(code).toBe(0);
    for (const word of [
      "--json",
      "--db <file>",
      "--config <file>",
      "LATCHKEY_SECRET",
      `  $ latchkey ${command.join(" ")}`,
    ]) {
      expect(stdout, command.join(" ")).toContain(word);
    }
  }
  for (const group of ["users", "sessions", "keys", "events"]) {
    expect((await latchkey([group, "--help"])).stdout).toContain("list");
    expect((await latchkey([group])).code).toBe(2);
  }
}, 60_000);

test("a database of which the secret's file cannot be used says so", async () => {
  const file = join(temporaryFolder(), "c.db");
  writeFileSync(file, "");
  writeFileSync(`${file}.secret`, "");
  const { code, stderr } = await latchkey(["users", "list", "--db", file]);
  expect([code, existsSync(`${file}-wal`)]).toEqual([1, false]);
  expect(stderr).toMatch(/^latchkey: .*c\.db\.secret holds no secret: /);
});
