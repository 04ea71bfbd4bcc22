// @ts-check
// A Worker in workerd, on a free port of this machine.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { freePort } from "./port.js";

const here = fileURLToPath(new URL(".", import.meta.url));

/**
 * @template T
 * @param {string} entry relative to this folder
 * @param {Record<string, string>} bindings
 * @param {(url: string) => Promise<T>} use
 * @param {string[]} [flags] of the runtime
 * @returns {Promise<T>} what `use` gives, with the Worker running
 */
export async function runWorker(entry, bindings, use, flags = []) {
  const work = mkdtempSync(join(tmpdir(), "latchkey-workerd-"));
  const port = await freePort();
  await build({
    ...{ entryPoints: [join(here, entry)], outfile: join(work, "worker.mjs") },
    ...{
      bundle: true,
      format: "esm",
      target: "es2022",
      conditions: ["workerd", "worker"],
      logLevel: "warning",
    },
    // Never reached there: whoever brings a hasher of their own needs no other.
    external: ["@node-rs/argon2", "node:*"],
  });
  writeFileSync(join(work, "config.capnp"), configuration(port, bindings, flags));
  const program = join(here, "node_modules/@cloudflare/workerd-linux-64/bin/workerd");
  const child = spawn(program, ["serve", join(work, "config.capnp")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    for (let attempt = 0; attempt < 200 && child.exitCode === null; attempt++) {
      const isThere = await fetch(url, { method: "HEAD" }).then(
        () => true,
        () => false,
      );
      if (isThere) break;
      await sleep(50);
    }
    return await use(url);
  } finally {
    child.kill();
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * @param {number} port
 * @param {Record<string, string>} bindings
 * @param {string[]} flags
 */
function configuration(port, bindings, flags) {
  const texts = Object.entries(bindings).map(
    ([name, text]) => `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(text)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ( name = "main", worker = (
        modules = [ ( name = "worker", esModule = embed "worker.mjs" ) ],
        bindings = [ ${texts.join(", ")} ],
        compatibilityDate = "2026-01-01",
        compatibilityFlags = ${JSON.stringify(flags)},
        globalOutbound = "loopback" ) ),
    ( name = "loopback", network = ( allow = ["private"] ) ),
  ],
  sockets = [ ( name = "http", address = "127.0.0.1:${port}", http = (), service = "main" ) ],
);
`;
}
