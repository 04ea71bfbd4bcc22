// @ts-check
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The Next application whose one route is measured. */
export const site = fileURLToPath(new URL("next", import.meta.url));

/** Builds it, as `next start` wants it. @throws if Next cannot */
export function buildSite() {
  const program = fileURLToPath(import.meta.resolve("next/dist/bin/next"));
  const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
  const built = spawnSync(process.execPath, [program, "build"], { cwd: site, env, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`Next did not build:\n${built.stdout}${built.stderr}`);
}
