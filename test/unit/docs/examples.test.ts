import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const pages = ["README.md", "packages/latchkey/README.md", ...inFolder("docs"), ...inFolder("decisions")];

function inFolder(folder: string): string[] {
  const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".md")).map((name) => `${folder}/${name}`);
}

/** Compiles in a folder of the repository, so that `latchkey` resolves as it does for an application. */
function compile(sources: readonly string[], kind: "ts" | "tsx" = "ts"): void {
  const folder = mkdtempSync(join(root, "node_modules", ".examples-"));
  try {
    for (const [index, source] of sources.entries())
      writeFileSync(join(folder, `example-${index}.${kind}`), source);
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--skipLibCheck",
      "--jsx",
      "react-jsx",
    ];
    const files = sources.map((_, index) => join(folder, `example-${index}.${kind}`));
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    execFileSync(process.execPath, [tsc, ...options, "--types", "node", ...files], {
      cwd: root,
      stdio: "pipe",
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function blocksOf(kind: "ts" | "tsx"): string[] {
  const fence = new RegExp(`^\`\`\`${kind}\n(.*?)^\`\`\``, "gms");
  return pages.flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(fence)].map(([, block = ""]) => block),
  );
}

test("every ts block of the documentation compiles", () => {
  const blocks = blocksOf("ts");
  expect(blocks.length).toBeGreaterThan(1);
  compile(blocks);
  expect(() => compile([`${blocks[0]}\nauth.noSuchMember;`]), "a wrong example must not compile").toThrow();
}, 60_000);

test("every tsx block does", () => {
  const blocks = blocksOf("tsx");
  expect(blocks.length).toBeGreaterThan(1);
  compile(blocks, "tsx");
  expect(() => compile([`${blocks[0]}\nauthClient.noSuchMember;`], "tsx")).toThrow();
}, 60_000);

test("every relative link of the documentation leads somewhere", () => {
  for (const page of pages) {
    const text = readFileSync(join(root, page), "utf8");
    for (const [, target = ""] of text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)) {
      expect(existsSync(join(root, page, "..", target)), `${page} → ${target}`).toBe(true);
    }
  }
});
