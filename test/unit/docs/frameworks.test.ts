import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const root = new URL("../../../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

/** Where each framework is installed, for those majors that have a name of their own. */
const installed: { readonly [name: string]: readonly string[] } = {
  express: ["express4", "express"],
  koa: ["koa2", "koa"],
  fastify: ["fastify"],
  hono: ["hono"],
  next: ["next"],
};

function versionsOf(name: string): string[] {
  const places = installed[name] ?? [];
  return places.map((place) => JSON.parse(read(`node_modules/${place}/package.json`)).version as string);
}

const rows = [...read("docs/frameworks.md").matchAll(/^\|[^|]+\| `([\w-]+)` ([\d., ]+) \|/gm)];

test("docs/frameworks.md names the versions that the tests run with", () => {
  const told = rows.map(([, name = "", versions = ""]) => [name, versions.split(", ")]);
  expect(Object.fromEntries(told)).toEqual(
    Object.fromEntries(Object.keys(installed).map((name) => [name, versionsOf(name)])),
  );
});

test.each(["express", "koa", "fastify", "next"])(
  "the peer range of %s has the majors that are tested",
  (name) => {
    const { peerDependencies } = JSON.parse(read("packages/latchkey/package.json"));
    const floors = (peerDependencies[name] as string).split(" || ").map((range) => range.replace(/^\^/, ""));
    const tested = versionsOf(name);
    expect(floors.map(majorOf)).toEqual(tested.map(majorOf));
    for (const [index, floor] of floors.entries())
      expect((tested[index] ?? "").localeCompare(floor, "en", { numeric: true })).toBeGreaterThanOrEqual(0);
  },
);

const majorOf = (version: string): string => version.split(".", 1)[0] ?? "";
