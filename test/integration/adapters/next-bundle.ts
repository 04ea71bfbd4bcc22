import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { site } from "../../support/servers/next-site.ts";

/** All scripts that browsers are given. */
export function inBrowser(): string {
  return textOf(join(site, ".next/static"));
}

/** All scripts that run on the server. */
export function onServer(): string {
  return textOf(join(site, ".next/server"));
}

function textOf(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  const scripts = names.filter((name) => /\.(js|mjs|css|json)$/.test(name));
  return scripts.map((name) => readFileSync(join(folder, name), "utf8")).join("\n");
}
