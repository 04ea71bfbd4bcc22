import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { checkRooms } from "../../tools/rooms.js";

const library = "packages/latchkey/src";
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "latchkey-rooms-"));
  const exports = { ".": "./dist/index.js", "./memory": "./dist/store/memory.js" };
  write("packages/latchkey/package.json", JSON.stringify({ exports }));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Writes a tree of files, given from the library's sources or, with a leading slash, from the repository. */
function rulesBroken(tree: Record<string, string>): string[] {
  for (const [path, text] of Object.entries(tree)) {
    write(path.startsWith("/") ? path.slice(1) : `${library}/${path}`, text);
  }
  return checkRooms(root).violations.map(({ file, line, rule }) => {
    return `${file.replace(`${library}/`, "")}:${line} ${rule}`;
  });
}

const use = (path: string): string => `import { x } from "${path}";\nexport const y = x;\n`;
const plain = "export const x = 1;\n";

describe("direction", () => {
  test("data flows one way", () => {
    const tree = {
      "index.ts": 'export { y } from "./auth.ts";\nexport { y as memory } from "./store/memory.ts";\n',
      "auth.ts": use("./strategy/jwt.ts"),
      "strategy/jwt.ts": use("../token/access.ts"),
      "token/access.ts": use("../lib/hash.ts"),
      "store/memory.ts": use("../lib/hash.ts"),
      "http/routes.ts": use("../auth.ts"),
      "lib/hash.ts": plain,
    };
    expect(rulesBroken(tree)).toEqual([]);
  });

  test.each([
    ["lib/hash.ts", "../token/access.ts", "lib may not import token/access.ts"],
    ["read/cookie.ts", "../strategy/jwt.ts", "read may not import strategy/jwt.ts"],
    ["strategy/jwt.ts", "../store/memory.ts", "strategy may not import store/memory.ts"],
    ["session/end.ts", "../auth.ts", "session may not import auth.ts"],
    ["auth.ts", "./adapter/node.ts", "auth may not import adapter/node.ts"],
    ["auth.ts", "./store/memory.ts", "auth may not import store/memory.ts"],
    ["store/memory.ts", "../session/end.ts", "store may not import session/end.ts"],
    ["client/fetch.ts", "../token/access.ts", "client may not import token/access.ts"],
    ["testing.ts", "./store/memory.ts", "testing may not import store/memory.ts"],
    ["testing.ts", "./auth.ts", "testing may not import auth.ts"],
  ])("%s may not import %s", (file, specifier, rule) => {
    expect(rulesBroken({ [file]: use(specifier) })).toEqual([`${file}:1 ${rule}`]);
  });

  test("a type is held to the same direction", () => {
    const text = 'import type { A } from "../auth.ts";\nexport type B = A;\n';
    expect(rulesBroken({ "token/access.ts": text })).toEqual([
      "token/access.ts:1 token may not import auth.ts",
    ]);
    expect(rulesBroken({ "token/access.ts": 'export type B = import("../auth.ts").A;\n' })).toHaveLength(1);
  });

  test("a dynamic import and a re-export are imports", () => {
    const text = 'export const a = () => import("../auth.ts");\nexport { x } from "../http/routes.ts";\n';
    expect(rulesBroken({ "token/access.ts": text })).toEqual([
      "token/access.ts:1 token may not import auth.ts",
      "token/access.ts:2 token may not import http/routes.ts",
    ]);
  });

  test("testing may import the store's contract, and of auth the types", () => {
    const text = `${use("./store/contract.ts")}import type { A } from "./auth.ts";\nexport type B = A;\n`;
    expect(rulesBroken({ "testing.ts": text })).toEqual([]);
  });

  test("rooms of one tier may import each other", () => {
    const tree = {
      "user/password.ts": use("../session/end.ts"),
      "session/sign-in.ts": use("../user/email.ts"),
    };
    expect(rulesBroken(tree)).toEqual([]);
  });

  test("every file belongs to a room", () => {
    expect(rulesBroken({ "utils/strings.ts": plain })).toEqual(['utils/strings.ts:1 "utils" is not a room']);
  });

  test("the library names its own files relatively and does not leave its folder", () => {
    const tree = { "lib/a.ts": use("latchkey/memory"), "lib/b.ts": use("../../../server/src/cli.ts") };
    expect(rulesBroken(tree)).toEqual([
      "lib/a.ts:1 the library imports itself by its public name",
      "lib/b.ts:1 ../../../server/src/cli.ts leaves the library",
    ]);
  });
});

describe("runtimes", () => {
  test("Node's modules stay where Node is meant", () => {
    const node = 'import { x } from "node:fs";\nexport const y = x;\n';
    const tree = {
      "store/sqlite.ts": node,
      "adapter/node.ts": node,
      "testing.ts": node,
      "lib/hash.ts": node,
    };
    expect(rulesBroken(tree)).toEqual(["lib/hash.ts:1 node:fs runs on Node alone"]);
  });

  test("without the prefix they are Node's all the same; a type is erased and may be named", () => {
    const tree = { "lib/a.ts": use("crypto"), "lib/b.ts": 'export type C = typeof import("node:crypto");\n' };
    expect(rulesBroken(tree)).toEqual(["lib/a.ts:1 crypto runs on Node alone"]);
  });
});

describe("cycles", () => {
  test("an import cycle is named in full", () => {
    const tree = { "lib/a.ts": use("./b.ts"), "lib/b.ts": use("./c.ts"), "lib/c.ts": use("./a.ts") };
    expect(rulesBroken(tree)).toEqual(["lib/c.ts:1 import cycle lib/a.ts → lib/b.ts → lib/c.ts → lib/a.ts"]);
  });

  test("a type-only import closes no cycle", () => {
    const back = 'import type { Y } from "./a.ts";\nexport type X = Y;\n';
    expect(rulesBroken({ "lib/a.ts": use("./b.ts"), "lib/b.ts": back })).toEqual([]);
  });

  test("an import of which each name is a type stays in the output, so it does", () => {
    const back = 'import { type Y } from "./a.ts";\nexport type X = Y;\n';
    expect(rulesBroken({ "lib/a.ts": use("./b.ts"), "lib/b.ts": back })).toHaveLength(1);
  });
});

describe("shape", () => {
  test("a barrel", () => {
    const barrel = "store/index.ts:1 a barrel: it only passes on what other files define";
    expect(rulesBroken({ "store/index.ts": 'export { x } from "./memory.ts";\n' })).toEqual([barrel]);
    const inTwoSteps = 'import { x } from "./memory.ts";\nexport { x };\n';
    expect(rulesBroken({ "store/index.ts": inTwoSteps })).toEqual([barrel]);
    expect(rulesBroken({ "store/index.ts": use("./memory.ts") })).toEqual([]);
  });

  test("export *, also under a name", () => {
    const text = `${plain}export * from "./b.ts";\nexport * as all from "./b.ts";\n`;
    expect(rulesBroken({ "lib/a.ts": text })).toEqual([
      "lib/a.ts:2 `export *` hides what a file gives",
      "lib/a.ts:3 `export *` hides what a file gives",
    ]);
  });

  test("index.ts only re-exports", () => {
    const text = `export { y } from "./auth.ts";\n${plain}`;
    expect(rulesBroken({ "index.ts": text })).toEqual(["index.ts:2 index.ts only re-exports"]);
  });

  test("nine modules imported, unless by a file that exists to bring things together", () => {
    const imports = Array.from({ length: 9 }, (_, n) => `import { x as x${n} } from "./lib/m${n}.ts";`);
    const text = `${imports.join("\n")}\nexport const y = x0;\n`;
    expect(rulesBroken({ "auth.ts": text })).toEqual([]);
    const inLib = text.replaceAll("./lib/", "./");
    expect(rulesBroken({ "lib/a.ts": inLib })).toEqual(["lib/a.ts:1 imports from 9 modules; 8 is the limit"]);
  });

  test("nine files in a folder", () => {
    const files = Array.from({ length: 9 }, (_, n) => [`lib/m${n}.ts`, plain]);
    const rule = "lib:1 9 source files in one folder; 8 is the limit";
    expect(rulesBroken(Object.fromEntries(files))).toEqual([rule]);
  });
});

describe("the server", () => {
  test("uses the library by its public names", () => {
    const tree = {
      "/packages/server/src/a.ts": use("latchkey"),
      "/packages/server/src/b.ts": use("latchkey/memory"),
      "/packages/server/src/c.ts": use("latchkey/store/memory"),
      "/packages/server/src/d.ts": use("../../latchkey/src/auth.ts"),
    };
    expect(rulesBroken(tree)).toEqual([
      "packages/server/src/c.ts:1 latchkey/store/memory is no public name of the library",
      "packages/server/src/d.ts:1 ../../latchkey/src/auth.ts is no public name of the library",
    ]);
  });

  test("keeps the same shape", () => {
    const tree = { "/packages/server/src/pages/index.ts": 'export { x } from "./home.ts";\n' };
    expect(rulesBroken(tree)).toHaveLength(1);
  });
});

test("the compiler is silenced only for a stated reason, anywhere", () => {
  const tree = {
    "lib/a.ts": `// @ts-expect-error the option is absent on purpose\n${plain}`,
    "lib/b.ts": `// @ts-expect-error\n${plain}`,
    "/test/unit/c.test.ts": `const text = "// @ts-ignore";\n/* @ts-ignore because I say so */\n${plain}`,
    "/tools/d.js": `// @ts-nocheck\n${plain}`,
  };
  expect(rulesBroken(tree)).toEqual([
    "lib/b.ts:1 @ts-expect-error without a reason",
    "test/unit/c.test.ts:2 @ts-ignore without a reason",
    "tools/d.js:1 @ts-nocheck without a reason",
  ]);
});

test("a file that is no TypeScript stops the check by name", () => {
  expect(() => rulesBroken({ "lib/a.ts": "export const = 1;\n" })).toThrow(
    /^packages\/latchkey\/src\/lib\/a\.ts cannot be/,
  );
});
