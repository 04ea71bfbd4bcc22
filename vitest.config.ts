import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const library = new URL("packages/latchkey/", import.meta.url);

/** Tests read the library's sources by its public names, so they need no build and see only what it publishes. */
function publicNames() {
  const { exports } = JSON.parse(readFileSync(new URL("package.json", library), "utf8"));
  const entries = Object.entries<{ default?: string }>(exports).filter(([, entry]) => entry.default);
  return entries.map(([subpath, entry]) => {
    const source = entry.default?.replace("./dist/", "src/").replace(/\.js$/, ".ts") ?? "";
    return {
      find: new RegExp(`^latchkey${subpath.slice(1)}$`),
      replacement: fileURLToPath(new URL(source, library)),
    };
  });
}

/**
 * Where nobody can look at the machine: a test of real processes that fails because something else had the processor
 * gets another try, and the report says so. What is broken fails each time.
 */
const tries = process.env.CI === undefined ? {} : { retry: 2 };

export default defineConfig({
  resolve: { alias: publicNames() },
  test: {
    // A room without tests yet is no failure; a filter that matches nothing is seen in the count.
    passWithNoTests: true,
    projects: [
      // One project after the other: what one of them does to the machine must not decide how another ends.
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          sequence: { groupOrder: 0 },
          testTimeout: 20_000,
          ...tries,
        },
      },
      {
        extends: true,
        test: {
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          // Real servers and databases: processes of their own, and no more at once than a small machine has cores.
          pool: "forks",
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 30_000,
          hookTimeout: 60_000,
          ...tries,
        },
      },
      {
        extends: true,
        test: {
          name: "browser",
          include: ["test/browser/**/*.test.ts"],
          // One browser at a time: what a person would see must not depend on what another test does to the machine.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...tries,
        },
      },
      // Only for `npm run test:runtimes`, which installs what it drives.
      {
        extends: true,
        test: {
          name: "runtimes",
          include: ["test/runtimes/**/*.test.ts"],
          fileParallelism: false,
          sequence: { groupOrder: 3 },
          ...tries,
        },
      },
    ],
  },
});
