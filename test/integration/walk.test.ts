import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The commands of the walk, each with the answer that the page shows; `…` stands for anything. */
const steps = [...readme.matchAll(/<!-- walk -->\n```sh\n(.*?)```\n\n```json\n(.*?)```/gs)].map(
  ([, commands = "", answer = ""]) => ({ commands, answer }),
);

let folder: string;
let server: ChildProcess;
let base: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "latchkey-walk-"));
  const bin = join(root, "packages", "server", "bin", "latchkey.js");
  const args = [bin, "serve", "--demo", "--port", "0", "--db", join(folder, "walk.db")];
  server = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "ignore"] });
  if (server.stdout === null) throw new Error("no output to read");
  for await (const line of createInterface(server.stdout)) {
    const match = /^Latchkey listening on (http:\S+)$/.exec(line);
    if (match?.[1] === undefined) continue;
    base = match[1];
    return;
  }
  throw new Error("the server stopped before it listened");
}, 30_000);

afterAll(async () => {
  server.kill("SIGTERM");
  await once(server, "exit");
  rmSync(folder, { recursive: true });
});

test("the README's walk runs as written", () => {
  expect(steps.length).toBeGreaterThanOrEqual(5);
  // One shell for all, as a reader has: later steps use the jars and variables of earlier ones.
  const script = steps.map(({ commands }) => `${commands}\nprintf '\\n=== end of step\\n'`).join("\n");
  const output = execFileSync(
    "bash",
    ["-euo", "pipefail", "-c", script.replaceAll("http://127.0.0.1:3000", base)],
    {
      cwd: folder,
      encoding: "utf8",
    },
  );
  const answers = output.split("=== end of step\n").slice(0, -1);
  expect(answers).toHaveLength(steps.length);
  for (const [index, { commands, answer }] of steps.entries()) {
    expect(answers[index]?.trim(), commands).toMatch(asPattern(answer.trim()));
  }
}, 30_000);

function asPattern(answer: string): RegExp {
  const literal = answer.split("…").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${literal.join(".*")}$`);
}
