import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { end, type RunningServer, startSharedServer } from "../run-server.ts";
import { json, latchkey } from "./command.ts";
import { signUp } from "./people.ts";

interface Shown {
  readonly id: number;
  readonly type: string;
  readonly userId: string;
}

interface Page {
  readonly events: readonly Shown[];
  readonly next: number | null;
}

let folder: string;
let db: string;
let server: RunningServer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "latchkey-cli-"));
  db = join(folder, "a.db");
  server = await startSharedServer(["--db", db]);
});

afterAll(async () => {
  await end(server);
  rmSync(folder, { recursive: true });
});

const events = (...args: string[]) => json<Page>(["events", "list", "--db", db, ...args]);

test("what the command does stands in the log as done from the command line, by an account of the machine", async () => {
  await signUp(server.url, "ada@example.org");
  const ban = ["users", "ban", "ada@example.org", "--for", "1d", "--reason", "spam", "--db", db];
  await latchkey(ban, { env: { SUDO_USER: "grace" } });
  const { events: found, next } = await events("--user", "ada@example.org", "--type", "user_banned");
  expect(next).toBeNull();
  expect(found).toEqual([
    {
      id: expect.any(Number),
      type: "user_banned",
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      actorId: null,
      userId: expect.stringMatching(/^[\w-]{22}$/),
      sessionId: null,
      client: null,
      ip: null,
      userAgent: null,
      detail: {
        via: "command line",
        osUser: userInfo().username,
        sudoUser: "grace",
        reason: "spam",
        until: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      },
    },
  ]);
  const { stdout } = await latchkey(["events", "list", "--type", "user_banned", "--db", db]);
  expect(stdout).toMatch(
    /^ENTRY +AT +TYPE +BY +USER +ADDRESS +DETAIL\n\d+ +\d.*Z +user_banned +- +[\w-]{22} +- +\{"via":"command line",.*\}\n$/,
  );
});

test("the log is read page by page, and remembers by id who was removed", async () => {
  await signUp(server.url, "gone@example.org");
  const { events: all } = await events();
  const id = String(all[0]?.userId);
  await latchkey(["users", "remove", "gone@example.org", "--yes", "--db", db]);
  const page = await events("--limit", "2");
  expect(page.events[0]).toMatchObject({ type: "user_deleted", userId: id, detail: { via: "command line" } });
  expect(page.next).toBe(page.events[1]?.id);
  const more = await events("--before", String(page.next), "--limit", "1");
  expect(more.events[0]?.id).toBeLessThan(Number(page.next));
  const ofGone = await events("--user", id);
  expect(ofGone.events.map(({ type }) => type)).toEqual(["user_deleted", "signed_up"]);
  expect(ofGone.events.every(({ userId }) => userId === id)).toBe(true);
  const nobody = await latchkey(["events", "list", "--user", "gone@example.org", "--db", db]);
  expect(nobody).toMatchObject({ code: 1, stdout: "" });
  expect(nobody.stderr).toContain("(user_not_found)");
});
