import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = `${root}packages/server`;

test("the package carries all that the command reads: without the assets no server starts", () => {
  const args = ["pack", "./packages/server", "--dry-run", "--json", "--ignore-scripts"];
  const shell = process.platform === "win32";
  const [packed] = JSON.parse(execFileSync("npm", args, { cwd: root, encoding: "utf8", shell }));
  const paths = packed.files.map((file: { path: string }) => file.path);
  const assets = readdirSync(`${folder}/assets`).map((name) => `assets/${name}`);
  expect(assets.length).toBeGreaterThan(0);
  expect(paths).toEqual(
    expect.arrayContaining([...assets, "bin/latchkey.js", "dist/cli.js", "dist/cli/serve.js"]),
  );
});
