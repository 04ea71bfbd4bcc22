// @ts-check
// Files that need each other before either has run.

/** @typedef {import("./parse.js").SourceFile} SourceFile */
/** @typedef {import("./parse.js").Violation} Violation */

/**
 * Type-only imports do not count: nothing is left of them when the program runs.
 *
 * @param {SourceFile[]} files
 * @returns {Violation[]} one for each import that closes a cycle
 */
export function checkCycles(files) {
  const byPath = new Map(files.map((file) => [file.path, file]));
  /** @type {Set<string>} files of which all imports have been followed */
  const done = new Set();
  /** @type {Violation[]} */
  const violations = [];

  /** @param {SourceFile} file @param {string[]} trail the files from the start to this one */
  const follow = (file, trail) => {
    for (const { target, line, typeOnly } of file.imports) {
      const next = typeOnly ? undefined : byPath.get(target ?? "");
      if (next === undefined || done.has(next.path)) continue;
      const closes = trail.indexOf(next.path);
      if (closes === -1) follow(next, [...trail, next.path]);
      else violations.push(cycle(file.path, line, [...trail.slice(closes), next.path]));
    }
    done.add(file.path);
  };

  for (const file of files) {
    if (!done.has(file.path)) follow(file, [file.path]);
  }
  return violations;
}

/** @param {string} file @param {number} line @param {string[]} members @returns {Violation} */
function cycle(file, line, members) {
  const names = members.map((path) => path.split("/src/")[1] ?? path);
  const remedy = "move what both need into a third file, or make it an `import type`";
  return { file, line, rule: `import cycle ${names.join(" → ")}`, remedy };
}
