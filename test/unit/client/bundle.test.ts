import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Metafile } from "esbuild";
import { expect, test } from "vitest";

const source = fileURLToPath(new URL("../../../packages/latchkey/src/", import.meta.url));

/** What a page loads of these entries: its size, and where each part comes from. */
async function bundle(...entries: readonly string[]) {
  const contents = entries.map((entry) => `export * from "./${entry}";`).join("\n");
  const result = await build({
    stdin: { contents, resolveDir: source },
    absWorkingDir: source,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["react"],
  });
  const code = result.outputFiles[0]?.contents ?? new Uint8Array();
  return {
    bytes: gzipSync(code, { level: 9 }).length,
    text: result.outputFiles[0]?.text ?? "",
    ...parts(result.metafile),
  };
}

function parts({ inputs }: Metafile) {
  const files = Object.keys(inputs).filter((name) => name !== "<stdin>");
  const external = Object.values(inputs).flatMap(({ imports }) =>
    imports.filter((one) => one.external === true).map(({ path }) => path),
  );
  return { files, external: [...new Set(external)] };
}

test("what a page loads is small", async () => {
  const [client, both, verifier] = await Promise.all([
    bundle("client.ts"),
    bundle("client.ts", "client/react.ts"),
    bundle("verifier.ts"),
  ]);
  const react = both.bytes - client.bytes;
  process.stdout.write(
    `gzipped: latchkey/client ${client.bytes} B, latchkey/react ${react} B more, latchkey/verifier ${verifier.bytes} B\n`,
  );
  expect(client.bytes).toBeLessThanOrEqual(6 * 1024);
  expect(react).toBeLessThanOrEqual(2 * 1024);
});

test("nothing of the server is in it, nor of anybody else", async () => {
  const { files, external, text } = await bundle("client.ts", "client/react.ts");
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((name) => !/^(client\.ts$|client\/|lib\/)/.test(name))).toEqual([]);
  expect(external).toEqual(["react"]);
  expect(text).not.toMatch(/node:|hono|kysely|libsql|argon2|zod|getBuiltinModule/i);
});

test("the check for other services needs nothing of Node in a bundle", async () => {
  const { files, external } = await bundle("verifier.ts");
  expect(external).toEqual([]);
  expect(files.filter((name) => /node_modules|^(store|http|user)\//.test(name))).toEqual([]);
});
