// @ts-check
// Which room imports which, held against the table.
import { isBuiltin } from "node:module";
import { mayImport, nodeOnly, publicIndex } from "./table.js";

/** @typedef {import("./parse.js").SourceFile} SourceFile */
/** @typedef {import("./parse.js").Import} Import */
/** @typedef {import("./parse.js").Violation} Violation */

export const library = "packages/latchkey/src/";

/**
 * @param {SourceFile[]} files the library's
 * @returns {Violation[]}
 */
export function checkDirection(files) {
  return files.flatMap((file) => [
    ...checkRoom(file),
    ...file.imports.flatMap((it) => checkImport(file, it)),
  ]);
}

/** @param {SourceFile} file @returns {Violation[]} */
function checkRoom(file) {
  const room = roomOf(file.path);
  if (isIndex(file) || mayImport[room] !== undefined) return [];
  const remedy = "put it into a room, or give the room a line in tools/rooms/table.js";
  return [{ file: file.path, line: 1, rule: `"${room}" is not a room`, remedy }];
}

/** @param {SourceFile} file @param {Import} it @returns {Violation[]} */
function checkImport(file, it) {
  const at = { file: file.path, line: it.line };
  const name = file.path.slice(library.length);
  if (isBuiltin(it.specifier) && !it.typeOnly && !nodeOnly.some((pattern) => pattern.test(name))) {
    const remedy = "use the Web platform's means, or move it to store/sqlite*, adapter/node* or testing";
    return [{ ...at, rule: `${it.specifier} runs on Node alone`, remedy }];
  }
  if (/^latchkey($|\/)/.test(it.specifier)) {
    return [
      { ...at, rule: "the library imports itself by its public name", remedy: "import the file, relatively" },
    ];
  }
  if (it.target === undefined || isIndex(file)) return [];
  if (!it.target.startsWith(library)) {
    return [
      { ...at, rule: `${it.specifier} leaves the library`, remedy: "move what it needs into the library" },
    ];
  }
  return isAllowed(file, it) ? [] : [{ ...at, ...directionRule(file, it.target) }];
}

/** @param {SourceFile} file @param {Import} it */
function isAllowed(file, it) {
  const from = roomOf(file.path);
  const target = it.target ?? "";
  const to = roomOf(target);
  const allowed = mayImport[from];
  if (allowed === undefined || to === from) return true; // an unknown room is reported once, by checkRoom
  const oneFile = target.slice(library.length).replace(/\.tsx?$/, "");
  return allowed.includes(to) || allowed.includes(oneFile) || (it.typeOnly && allowed.includes(`type ${to}`));
}

/** @param {SourceFile} file @param {string} target */
function directionRule(file, target) {
  const from = roomOf(file.path);
  const rule = `${from} may not import ${target.slice(library.length)}`;
  const allowed = mayImport[from] ?? [];
  return {
    rule,
    remedy: `it may import ${allowed.join(", ")}: pass the value in, or move the shared part down`,
  };
}

/** @param {SourceFile} file */
function isIndex(file) {
  return file.path === library + publicIndex;
}

/** @param {string} path @returns {string} the first folder below src, or the name of a file that lies there */
function roomOf(path) {
  return (path.slice(library.length).split("/")[0] ?? "").replace(/\.tsx?$/, "");
}
