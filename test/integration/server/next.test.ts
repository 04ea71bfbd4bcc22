import { expect, test } from "vitest";
import { safeNext } from "../../../packages/server/src/forms/next.ts";

const site = "https://app.example";

test("a path of this site is where signing in leads", () => {
  for (const next of ["/account", "/", "/a/b?c=d&e=f", "/a%20b", "/caf%C3%A9"]) {
    expect(safeNext(next, site)).toBe(next);
  }
});

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

for (const next of leadAway) {
  test(`${JSON.stringify(next)} leads home`, () => {
    expect(safeNext(next, site)).toBe("/account");
  });
}

test("nothing asked for leads home", () => {
  expect(safeNext(undefined, site)).toBe("/account");
});
