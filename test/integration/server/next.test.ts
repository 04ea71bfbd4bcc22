import { join } from "node:path";
import { expect, test } from "vitest";
import { startServer, temporaryFolder } from "./run-server.ts";
import { Visitor } from "./visitor.ts";

const person = { email: "ada@example.org", password: "correct horse staple" };

const ofThisSite = ["/account", "/", "/a/b?c=d&e=f", "/a%20b", "/caf%C3%A9"];

const leadAway = [
  "",
  "account",
  "https://evil.example/",
  "//evil.example",
  "///evil.example",
  "/\\evil.example",
  "\\/evil.example",
  "\\\\evil.example",
  "/a\\b",
  "/\t/evil.example",
  "/\n/evil.example",
  "\t//evil.example",
  "/%2fevil.example",
  "/%2Fevil.example",
  "/%5cevil.example",
  "/%252fevil.example",
  "/%25252fevil.example",
  "/%2525252525252fevil.example",
  "/%09/evil.example",
  "/%0d%0aLocation:%20https://evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "/%2e//evil.example",
  "/%zz",
  "javascript:alert(1)",
  "data:text/html,x",
  "//evil.example@app.example",
  "/@\u0000",
];

test("where signing in leads: a path of this site, and home from everything else", async () => {
  const { url } = await startServer(["--db", join(temporaryFolder(), "a.db")]);
  const stranger = new Visitor(url);
  const ada = new Visitor(url);
  await ada.post("/sign-up", person);
  const expected: readonly (readonly [string, string])[] = [
    ...ofThisSite.map((next) => [next, next] as const),
    // Only paths: a whole address is none, even of this very site.
    ...[...leadAway, `${url}/account/devices`].map((next) => [next, "/account"] as const),
  ];
  for (const [next, safe] of expected) {
    const query = `/sign-in?next=${encodeURIComponent(next)}`;
    const form = await (await stranger.get(query)).text();
    expect(form, JSON.stringify(next)).toContain(`name="next" value="${safe.replaceAll("&", "&amp;")}"`);
    expect((await ada.get(query)).headers.get("location"), JSON.stringify(next)).toBe(safe);
  }
  expect((await ada.get("/sign-in")).headers.get("location")).toBe("/account");
});
