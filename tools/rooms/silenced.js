// @ts-check
// The compiler may be silenced only for a stated reason. (biome asks the same of `biome-ignore` by itself.)

/** @typedef {import("./parse.js").SourceFile} SourceFile */
/** @typedef {import("./parse.js").Violation} Violation */

/** A reason is more than a word: "// @ts-expect-error the field is absent on purpose". */
const reasoned = /^@ts-expect-error\W+\w+(\W+\w+)+/;

/**
 * @param {SourceFile[]} files
 * @returns {Violation[]}
 */
export function checkSilenced(files) {
  return files.flatMap((file) =>
    file.comments
      .filter(({ text }) => /^@ts-(expect-error|ignore|nocheck)/.test(text) && !reasoned.test(text))
      .map(({ text, line }) => {
        const rule = `${text.split(/\s/)[0]} without a reason`;
        return { file: file.path, line, rule, remedy: "mend the type, or write `@ts-expect-error` and why" };
      }),
  );
}
