import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, type TestContext, test } from "vitest";
import { end, type RunningServer, startSharedServer } from "../run-server.ts";
import { onTerminal } from "./command.ts";
import { inStore, makeUser, me, password, signIn, signUp } from "./people.ts";

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

type Answers = readonly (readonly [question: string, answer: string])[];

/** Runs on a terminal; where none can be made the test is skipped, and the report says why. */
async function terminal({ skip }: TestContext, args: readonly string[], answers: Answers) {
  const outcome = await onTerminal([...args, "--db", db], answers);
  return outcome ?? skip("there is no script(1) to make a terminal with");
}

const create = (email: string) => ["users", "create", "--email", email];
const find = (email: string) => inStore(db, (store) => store.findUser({ email }));

test("a password is asked for twice and not shown; who was made signs in with it", async (context) => {
  const { code, screen } = await terminal(context, create("ada@example.org"), [
    ["Password: ", `${password}x\u007f\n`],
    ["The same again: ", `${password}\n`],
  ]);
  expect(screen).toMatch(/^Password: \nThe same again: \nMade ada@example\.org, id [\w-]{22}\.\n$/);
  expect(code).toBe(0);
  await signIn(server.url, "ada@example.org");
});

test("typed ahead, both answers count", async (context) => {
  const { code } = await terminal(context, create("ahead@example.org"), [
    ["Password: ", `${password}\n${password}\n`],
  ]);
  expect(code).toBe(0);
  await signIn(server.url, "ahead@example.org");
});

for (const [name, answers, words] of [
  [
    "two that differ",
    [
      ["Password: ", `${password}\n`],
      ["again: ", "another one\n"],
    ],
    "The two passwords differ",
  ],
  ["Ctrl+C", [["Password: ", `${password}\u0003`]], "Stopped"],
  ["Ctrl+D", [["Password: ", "\u0004"]], "Stopped"],
] as const) {
  test(`${name}: nobody is made`, async (context) => {
    const { code, screen } = await terminal(context, create("nobody@example.org"), answers);
    expect(code).toBe(1);
    expect(screen).toContain(`latchkey: ${words}: nothing was changed.\n`);
    expect(screen).not.toContain(password);
    expect(await find("nobody@example.org")).toBeUndefined();
  });
}

test("remove asks, and does nothing unless the answer is yes", async (context) => {
  const { id } = await makeUser(db, { email: "leaver@example.org" });
  const remove = ["users", "remove", "leaver@example.org"];
  const question = `Remove leaver@example.org (${id}) and everything of theirs? [y/N] `;
  for (const answer of ["\n", "no\n", "\u0004"]) {
    const { code, screen } = await terminal(context, remove, [[question, answer]]);
    expect([code, screen]).toEqual([1, expect.stringContaining("latchkey: Stopped: nothing was changed.\n")]);
    expect(await find("leaver@example.org")).toBeDefined();
  }
  const { code, screen } = await terminal(context, remove, [[question, "y\n"]]);
  expect([code, screen]).toEqual([
    0,
    expect.stringContaining("Removed leaver@example.org: 0 sessions ended.\n"),
  ]);
  expect(await find("leaver@example.org")).toBeUndefined();
});

test("what ends everything asks too, and what rotates a compromised key", async (context) => {
  const { cookie } = await signUp(server.url, "grace@example.org");
  const keys = () => inStore(db, async (store) => (await store.listKeys()).keys.length);
  const before = await keys();
  const everything = ["sessions", "revoke-everything"];
  expect((await terminal(context, everything, [["[y/N] ", "n\n"]])).code).toBe(1);
  expect((await terminal(context, ["keys", "rotate", "--compromised"], [["[y/N] ", "n\n"]])).code).toBe(1);
  expect((await me(server.url, { cookie }))[0]).toBe(200);
  expect(await keys()).toBe(before);
  expect((await terminal(context, everything, [["[y/N] ", "yes\n"]])).code).toBe(0);
  expect((await me(server.url, { cookie }))[0]).toBe(401);
});
