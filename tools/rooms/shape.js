// @ts-check
// What a source file and a folder may look like: no barrels, and few enough parts to hold in mind.
import { dirname } from "node:path";
import { manyImports, maxFilesPerFolder, maxImportsPerFile, publicEntries, publicIndex } from "./table.js";

/** @typedef {import("./parse.js").SourceFile} SourceFile */
/** @typedef {import("./parse.js").Violation} Violation */
/** @typedef {SourceFile["body"][number]} Statement */

/**
 * @param {SourceFile[]} files of one package
 * @param {string} folder the package's sources, with a slash at its end
 * @returns {Violation[]}
 */
export function checkShape(files, folder) {
  return [
    ...files.flatMap((file) => checkFile(file, file.path.slice(folder.length))),
    ...checkFolders(files),
  ];
}

/** @param {SourceFile} file @param {string} name @returns {Violation[]} */
function checkFile(file, name) {
  const violations = file.body
    .filter((it) => it.type === "ExportAllDeclaration")
    .map((it) => {
      const remedy = "name what is exported";
      return {
        file: file.path,
        line: file.lineAt(it.start),
        rule: "`export *` hides what a file gives",
        remedy,
      };
    });
  return [
    ...violations,
    ...checkBarrel(file, name),
    ...checkIndex(file, name),
    ...checkImportCount(file, name),
  ];
}

/** @param {SourceFile} file @param {string} name @returns {Violation[]} */
function checkBarrel(file, name) {
  const onlyPassesOn =
    file.body.length > 0 && file.body.every((it) => it.type === "ImportDeclaration" || isPassingOn(it));
  if (publicEntries.includes(name) || !onlyPassesOn || !file.body.some(isPassingOn)) return [];
  const remedy = "delete it and import from the files themselves";
  return [{ file: file.path, line: 1, rule: "a barrel: it only passes on what other files define", remedy }];
}

/** @param {SourceFile} file @param {string} name @returns {Violation[]} */
function checkIndex(file, name) {
  const own = name === publicIndex ? file.body.find((it) => !isPassingOn(it)) : undefined;
  if (own === undefined) return [];
  const remedy = "move it to a file of its own and write `export { … } from` here";
  return [{ file: file.path, line: file.lineAt(own.start), rule: "index.ts only re-exports", remedy }];
}

/** Whether a statement defines nothing and only exports what another file or statement defines. @param {Statement} it */
function isPassingOn(it) {
  return (
    it.type === "ExportAllDeclaration" || (it.type === "ExportNamedDeclaration" && it.declaration === null)
  );
}

/** @param {SourceFile} file @param {string} name @returns {Violation[]} */
function checkImportCount(file, name) {
  const count = new Set(file.imports.map((it) => it.specifier)).size;
  if (manyImports.includes(name) || count <= maxImportsPerFile) return [];
  const rule = `imports from ${count} modules; ${maxImportsPerFile} is the limit`;
  return [{ file: file.path, line: 1, rule, remedy: "split it by what its parts import" }];
}

/** @param {SourceFile[]} files @returns {Violation[]} */
function checkFolders(files) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { path } of files) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
  const crowded = [...counts].filter(([, count]) => count > maxFilesPerFolder);
  return crowded.map(([folder, count]) => {
    const rule = `${count} source files in one folder; ${maxFilesPerFolder} is the limit`;
    return { file: folder, line: 1, rule, remedy: "group those that change together into a folder" };
  });
}
