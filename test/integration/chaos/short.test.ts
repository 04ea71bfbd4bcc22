import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

/** The harness as `npm run chaos` runs it; `npm test` has compiled it. */
const program = fileURLToPath(new URL("../../../chaos/dist/chaos/src/cli.js", import.meta.url));

/** What a run found, by its last line. */
interface Found {
  readonly code: number | null;
  readonly output: string;
  readonly counts: { readonly [kind: string]: number };
  readonly operations: number;
}

async function chaos(...args: string[]): Promise<Found> {
  const usual = ["--store", "sqlite", "--nodes", "2", "--seed", "1"];
  const child = spawn(process.execPath, [program, ...usual, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  const [code] = await once(child, "close");
  const summary = /^sqlite: (.*) in (\d+) operations/m.exec(output);
  const pairs = [...(summary?.[1] ?? "").matchAll(/([A-Z]) (\d+)/g)].map(([, kind, count]) => [
    kind,
    Number(count),
  ]);
  return { code, output, counts: Object.fromEntries(pairs), operations: Number(summary?.[2]) };
}

/** On a quiet machine each takes about five seconds. */
const patience = 60_000;

describe("a short run of the chaos harness", { timeout: patience }, () => {
  test("finds nobody lost, let in or forked, and nothing overwritten", async () => {
    const { counts, operations, output } = await chaos("--script", "--seconds", "3", "--rate", "50");
    // Answers that are slow on a machine with much else to do are for the long run to judge.
    expect(counts, output).toMatchObject({ L: 0, V: 0, F: 0, W: 0 });
    expect(operations, output).toBeGreaterThan(500);
  });

  // Whether a race is met in a few seconds is luck: of five tries one must meet it.
  test("finds a store without compare-and-set", { retry: 4 }, async () => {
    const { code, counts, output } = await chaos("--build", "no-cas", "--script", "--seconds", "0");
    expect(code, output).toBe(1);
    expect(counts.V, output).toBeGreaterThan(0);
    expect(counts.F, output).toBeGreaterThan(0);
  });

  test("finds a change log that forgets what nobody was listening to", { retry: 4 }, async () => {
    const { code, counts, output } = await chaos("--build", "pubsub-only", "--script", "--seconds", "0");
    expect(code, output).toBe(1);
    expect(counts.V, output).toBeGreaterThan(0);
  });
});
