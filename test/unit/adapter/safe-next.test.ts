import fc from "fast-check";
import { safeNext } from "latchkey/hono";
import { expect, test } from "vitest";

const origin = "https://app.example";

test.each([
  ["/account?tab=2#part", "/account?tab=2"],
  ["/a/../b", "/b"],
  ["/", "/"],
  ["/caf%C3%A9", "/caf%C3%A9"],
  ["/sale/100%25", "/sale/100%25"],
  ["/search?q=100%25", "/search?q=100%25"],
  ["/search?q=100%", "/search?q=100%"],
  ["/search?q=%2525252525", "/search?q=%2525252525"],
  ["/search?q=a%5Cb", "/search?q=a%5Cb"],
  ["/search?q=a\\b", "/search?q=a%5Cb"],
  ["/search?q=two%0Alines", "/search?q=two%0Alines"],
  ["/search?q=%FF", "/search?q=%FF"],
  ["/go?to=%2F%2Fevil.example", "/go?to=%2F%2Fevil.example"],
  ["/go?to=https://evil.example/", "/go?to=https://evil.example/"],
  ["/?//evil.example", "/?//evil.example"],
])("safeNext(%j) leads to %j", (next, safe) => {
  expect(safeNext(next, "/elsewhere")).toBe(safe);
});

test.each([
  "https://evil.example/",
  "//evil.example/",
  "///evil.example/",
  "/\\evil.example/",
  "\\/evil.example/",
  "/%5Cevil.example",
  "/%2f/evil.example",
  "/%2fevil.example",
  "/%252f/evil.example",
  "/\t/evil.example",
  "/\n/evil.example?q=1",
  "/%09/evil.example",
  "/.//evil.example",
  "/a/..//evil.example",
  "/%2e%2e//evil.example",
  "/%252e%252e//evil.example",
  "/a/..%2f/evil.example",
  "/a/..%2fevil.example/../../%2fevil.example",
  "/%2525252525",
  "/%3f/..%2f/evil.example",
  "/%23/..%2f/evil.example",
  "/%252fevil.example%25",
  "/%",
  "/a?q=\r\nSet-Cookie:x=1",
  "?//evil.example",
  "#//evil.example",
  "javascript:alert(1)",
  " /a",
  "evil.example",
  "@evil.example",
  "",
  undefined,
  ["/a", "/b"],
])("safeNext(%j) leads nowhere", (next) => {
  expect(safeNext(next, "/elsewhere")).toBe("/elsewhere");
});

/** What paths that lead away are made of, in any order. */
const piece = fc.constantFrom(
  ...[
    "/",
    "\\",
    ".",
    "..",
    "?",
    "#",
    "@",
    ":",
    "%",
    "%2f",
    "%5c",
    "%2e",
    "%09",
    "%00",
    "%0a",
    "%25",
    "%252f",
  ],
  ...[
    "%255c",
    "%252e",
    "%3f",
    "%23",
    "%40",
    "\t",
    "\n",
    "\u0000",
    " ",
    "evil.example",
    "https:",
    "a",
    "é",
    "／",
  ],
);
const address = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));

/** Decodes what can be decoded, as the most lenient of servers would. */
function decoded(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

const isHere = (target: string): boolean => new URL(target, origin).origin === origin;

/** Where it leads, and where its path leads once it was decoded and resolved again, on the way of some server. */
function staysHere(target: string): boolean {
  const [path = "", ...query] = target.split("?");
  return [path, decoded(path), decoded(decoded(path)), decoded(decoded(decoded(path)))].every((seen) => {
    const { pathname, search } = new URL([seen, ...query].join("?"), origin);
    return isHere([seen, ...query].join("?")) && isHere(pathname + search) && !/[\\\p{Cc}]/u.test(seen);
  });
}

test("wherever it leads, it is on this origin: as it is, and with a path that was decoded and resolved again", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        address.map((text) => `/${text}`),
        address,
        fc.string(),
      ),
      (next) => {
        const safe = safeNext(next, "/elsewhere");
        // Once it is safe it stays so, and says the same.
        return isHere(safe) && staysHere(safe) && safeNext(safe, "/changed") === safe;
      },
    ),
    { numRuns: 10_000 },
  );
});

test("every query comes through with its meaning", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string({ unit: "binary" })), (values) => {
      const query = new URLSearchParams(values);
      const next = query.size === 0 ? "/search" : `/search?${query}`;
      expect(safeNext(next, "/elsewhere")).toBe(next);
      expect([...new URL(next, origin).searchParams]).toEqual([...query]);
    }),
  );
});
