import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

// The linter's rules are as good as the proof that they fire: biome names, moves and weakens rules between releases.

const repository = fileURLToPath(new URL("../..", import.meta.url));
const library = "packages/latchkey/src";
let root: string;
let found: string[];

const longFunction = `export function f(n: number): number {\n${"  n += 1;\n".repeat(81)}  return n;\n}\n`;
const longFile = `${"// line\n".repeat(400)}export type T = 1;\n`;
const knot = `${"  if (n > 0) {\n".repeat(7)}  n -= 1;\n${"  }\n".repeat(7)}`;

/** Each file breaks the rule of its line, and no other. */
const broken: [rule: string, path: string, text: string][] = [
  [
    "suspicious/noExplicitAny",
    `${library}/any.ts`,
    "export function f(x: any): string {\n  return String(x);\n}\n",
  ],
  ["style/noNonNullAssertion", `${library}/bang.ts`, "export const f = (x?: string): string => x!;\n"],
  ["plugin", `${library}/cast.ts`, "export const f = (x: string): number => x as unknown as number;\n"],
  ["plugin", "test/unit/cast.test.ts", "export const f = (x: string): number => x as unknown as number;\n"],
  ["nursery/noFloatingPromises", `${library}/float.ts`, 'import { slow } from "./slow.ts";\n\nslow();\n'],
  [
    "nursery/noFloatingPromises",
    "packages/server/src/float.ts",
    'import { latchkey } from "latchkey";\n\nlatchkey().close();\n',
  ],
  [
    "suspicious/noImportCycles",
    `${library}/egg.ts`,
    'import { hen } from "./hen.ts";\n\nexport const egg = hen;\n',
  ],
  [
    "suspicious/noImportCycles",
    `${library}/hen.ts`,
    'import { egg } from "./egg.ts";\n\nexport const hen = egg;\n',
  ],
  ["performance/noReExportAll", "bench/all.ts", 'export * from "./other.ts";\n\nexport const y = 2;\n'],
  ["performance/noBarrelFile", `${library}/barrel.ts`, 'export { slow } from "./slow.ts";\n'],
  ["style/noDefaultExport", `${library}/default.ts`, "export default 1;\n"],
  ["style/useImportType", `${library}/type.ts`, 'import { T } from "./slow.ts";\n\nexport type U = T;\n'],
  ["correctness/noUnusedImports", `${library}/unused.ts`, 'import { slow } from "./slow.ts";\n'],
  ["correctness/noUnusedVariables", `${library}/unread.ts`, "const x = 1;\n\nexport const y = 2;\n"],
  ["suspicious/noConsole", `${library}/console.ts`, 'console.log("x");\n'],
  ["complexity/noExcessiveLinesPerFunction", `${library}/long.ts`, longFunction],
  ["style/noExcessiveLinesPerFile", `${library}/tall.ts`, longFile],
  [
    "complexity/noExcessiveCognitiveComplexity",
    `${library}/knot.ts`,
    `export function f(n: number): number {\n${knot}  return n;\n}\n`,
  ],
  [
    "suspicious/noSkippedTests",
    "test/unit/skip.test.ts",
    'import { test } from "vitest";\n\ntest.skip("x", () => {});\n',
  ],
  [
    "suppressions/parse",
    `${library}/silent.ts`,
    "// biome-ignore lint/suspicious/noExplicitAny\nexport type A = string;\n",
  ],
];

/** Each file is what an exemption is for. */
const allowed: [path: string, text: string][] = [
  [`${library}/slow.ts`, "export type T = string;\n\nexport async function slow(): Promise<void> {}\n"],
  [`${library}/index.ts`, 'export { latchkey } from "./auth.ts";\n'],
  [
    `${library}/auth.ts`,
    'import { slow } from "./slow.ts";\n\nexport const latchkey = (): { close(): Promise<void> } => ({ close: slow });\n',
  ],
  [`${library}/types.ts`, longFile],
  [
    `${library}/reasoned.ts`,
    "// biome-ignore lint/plugin: the driver's type is wrong about this\nexport const f = (x: string): number => x as unknown as number;\n",
  ],
  ["packages/server/src/cli.ts", 'console.log("x");\n\nexport const x = 1;\n'],
  ["test/unit/long.test.ts", longFunction],
  ["vite.config.ts", "export default {};\n"],
];

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "latchkey-lint-"));
  for (const name of [
    "biome.json",
    "tools/lint",
    "packages/server/package.json",
    "packages/server/tsconfig.json",
  ]) {
    cpSync(join(repository, name), join(root, name), { recursive: true });
  }
  for (const [path, text] of [...broken.map(([, path, text]) => [path, text] as const), ...allowed]) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  found = lint();
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

/** Lints the tree once with the repository's own settings: "path rule" for each finding. */
function lint(): string[] {
  const biome = join(repository, "node_modules/.bin/biome");
  const args = ["lint", "--colors=off", "--max-diagnostics=none", "."];
  const { stderr } = spawnSync(biome, args, { cwd: root, encoding: "utf8" });
  const headings = stderr.matchAll(/^([\w./-]+):\d+:\d+ (?:lint\/)?([\w/]+).* ━━/gm);
  return [...headings].map(([, path, rule]) => `${path} ${rule}`);
}

test.each(broken)("%s fires on %s", (rule, path) => {
  expect(found.filter((line) => line.startsWith(`${path} `))).toEqual([`${path} ${rule}`]);
});

test.each(allowed)("%s is allowed", (path) => {
  expect(found.filter((line) => line.startsWith(`${path} `))).toEqual([]);
});
