// @ts-check
// Reads source files into what the rules look at: their imports, the shape of their statements, their comments.
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parseSync, Visitor } from "oxc-parser";

/**
 * @typedef {object} Import
 * @property {string} specifier as written
 * @property {string | undefined} target for a relative specifier: the file meant, named from the repository's root
 * @property {number} line
 * @property {boolean} typeOnly whether the compiler erases it
 */

/**
 * @typedef {object} SourceFile
 * @property {string} path from the repository's root, with slashes
 * @property {Import[]} imports in the order of the text
 * @property {import("oxc-parser").Program["body"]} body its statements
 * @property {{ text: string, line: number }[]} comments
 * @property {(offset: number) => number} lineAt the line, from 1, of a place in the text
 */

/** @typedef {{ file: string, line: number, rule: string, remedy: string }} Violation */

/**
 * @param {string} root the repository
 * @param {string} folder from the root; a folder that is not there has no files
 * @returns {SourceFile[]} the sources below it
 */
export function readSources(root, folder) {
  return sourceNames(join(root, folder))
    .filter((name) => !/(^|\/)(node_modules|dist|\.next)\//.test(name) && /(?<!\.d)\.(ts|tsx|js)$/.test(name))
    .sort()
    .map((name) => parseSource(root, `${folder}/${name}`));
}

/** @param {string} folder */
function sourceNames(folder) {
  try {
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return names.map((name) => name.replaceAll("\\", "/"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * @param {string} root
 * @param {string} path
 * @returns {SourceFile}
 */
function parseSource(root, path) {
  const text = readFileSync(join(root, path), "utf8");
  const { program, comments, errors } = parseSync(path, text);
  if (errors[0] !== undefined) throw new Error(`${path} cannot be parsed: ${errors[0].message}`);
  const lineAt = (/** @type {number} */ offset) => text.slice(0, offset).split("\n").length;
  return {
    path,
    imports: importsOf(program, path, lineAt),
    body: program.body,
    comments: comments.map(({ value, start }) => ({ text: value.trim(), line: lineAt(start) })),
    lineAt,
  };
}

/**
 * @param {import("oxc-parser").Program} program
 * @param {string} path
 * @param {(offset: number) => number} lineAt
 * @returns {Import[]}
 */
function importsOf(program, path, lineAt) {
  /** @type {Import[]} */
  const found = [];
  /** @param {unknown} source @param {number} start @param {boolean} typeOnly */
  const add = (source, start, typeOnly) => {
    const specifier = /** @type {{ value?: unknown } | null} */ (source)?.value;
    if (typeof specifier !== "string") return; // an export of our own, or a name computed at run time
    found.push({ specifier, target: resolve(path, specifier), line: lineAt(start), typeOnly });
  };
  new Visitor({
    // `import { type A }` is not type-only: the import itself stays in the output.
    ImportDeclaration: (node) => add(node.source, node.start, node.importKind === "type"),
    ExportNamedDeclaration: (node) => add(node.source, node.start, node.exportKind === "type"),
    ExportAllDeclaration: (node) => add(node.source, node.start, node.exportKind === "type"),
    ImportExpression: (node) => add(node.source, node.start, false),
    TSImportType: (node) => add(node.source, node.start, true),
  }).visit(program);
  return found;
}

/**
 * @param {string} path
 * @param {string} specifier
 */
function resolve(path, specifier) {
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(dirname(path), specifier).replace(/\.js$/, ".ts");
}
