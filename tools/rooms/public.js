// @ts-check
// The server and the chaos harness use the library as anyone would: by the names it publishes.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** @typedef {import("./parse.js").SourceFile} SourceFile */
/** @typedef {import("./parse.js").Violation} Violation */

/**
 * @param {SourceFile[]} files the server's, or another user's
 * @param {string} root the repository
 * @param {string[]} own folders whose files they may name by path
 * @returns {Violation[]}
 */
export function checkPublicNames(files, root, own) {
  const manifest = JSON.parse(readFileSync(join(root, "packages/latchkey/package.json"), "utf8"));
  const names = Object.keys(manifest.exports).map((subpath) => `latchkey${subpath.slice(1)}`);
  return files.flatMap((file) =>
    file.imports
      .filter(({ specifier, target }) =>
        target === undefined
          ? /^latchkey($|\/)/.test(specifier) && !names.includes(specifier)
          : !own.some((folder) => target.startsWith(folder)),
      )
      .map(({ specifier, line }) => {
        const remedy = `use one of ${names.join(", ")}, or publish what is missing`;
        return { file: file.path, line, rule: `${specifier} is no public name of the library`, remedy };
      }),
  );
}
