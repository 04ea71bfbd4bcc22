// @ts-check
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, totalmem } from "node:os";
import { fileURLToPath } from "node:url";

const file = fileURLToPath(new URL("../RESULTS.md", import.meta.url));
const require = createRequire(import.meta.url);
const names = ["micro", "http", "scale"];

/** `--quick`: fewer and shorter rounds. What is written down comes from a complete run, or with `--write`. */
export const isQuick = process.argv.includes("--quick");
const isPart = process.argv.some((argument) => argument.startsWith("--only="));
const writes = (!isQuick && !isPart) || process.argv.includes("--write");

/** @param {readonly (readonly string[])[]} rows the first holds the headings; all but the first column are numbers */
export function table(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths.map((width, i) => (i === 0 ? (row[i] ?? "").padEnd(width) : (row[i] ?? "").padStart(width))).join(" | ")} |`;
  const [head = [], ...body] = rows;
  const rule = `|${widths.map((width, i) => (i === 0 ? "-".repeat(width + 2) : `${"-".repeat(width + 1)}:`)).join("|")}|`;
  return [line(head), rule, ...body.map(line)].join("\n");
}

/** A budget of DESIGN and what came of it. `holds`: undefined where that is for the reader to say. */
export function budgetTable(/** @type {readonly Budget[]} */ budgets) {
  return table([
    ["budget", "wanted", "measured", "met"],
    ...budgets.map(({ what, wanted, measured, met }) => [what, wanted, measured, met ? "yes" : "**no**"]),
  ]);
}

/** @typedef {{ what: string, wanted: string, measured: string, met: boolean }} Budget */

/** @param {number} value */
export function number(value) {
  if (!Number.isFinite(value)) return "-";
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(value >= 10 ? 3 : 2);
}

/** Versions and machine, in one line. @param {readonly string[]} packages */
export function machine(packages) {
  const versions = packages.map((name) => `${name} ${versionOf(name)}`);
  const memory = `${Math.round(totalmem() / 2 ** 30)} GB`;
  const cpu = `${cpus().length} × ${cpus()[0]?.model.trim() ?? "?"}`;
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${cpu}, ${memory}, ${process.platform} ${release()}, Node ${process.versions.node} (V8 ${process.versions.v8}, OpenSSL ${process.versions.openssl})${isQuick ? ", **a quick run**" : ""}. ${versions.join(", ")}.`;
}

/** @param {string} name */
function versionOf(name) {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = `${folder}/${name}/package.json`;
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")).version;
  }
  return "?";
}

/**
 * Prints a part of the report, and writes it down where this is a run that counts.
 *
 * @param {string} name
 * @param {string} text
 */
export function publish(name, text) {
  console.log(`\n${text}\n`);
  if (!writes) {
    console.log("A quick run, or a part of one: nothing was written down. With --write it would be.");
    return;
  }
  const old = existsSync(file) ? readFileSync(file, "utf8") : "";
  const parts = names.map((each) => {
    const marks = [`<!-- ${each} -->`, `<!-- /${each} -->`];
    const [, rest = ""] = old.split(`${marks[0]}\n`);
    const [kept = ""] = rest.split(marks[1] ?? "");
    const body =
      each === name
        ? `${text}\n`
        : kept || `Not measured yet: \`npm run bench${each === "micro" ? "" : `:${each}`}\`.\n`;
    return `${marks[0]}\n${body}${marks[1]}`;
  });
  const head =
    "# What it costs\n\nWritten by `npm run bench`, `bench:http` and `bench:scale`; see [docs/scale.md](../docs/scale.md) for what follows from it.\n";
  writeFileSync(file, `${head}\n${parts.join("\n\n")}\n`);
  console.log(`Written to bench/RESULTS.md.`);
}

/** Writes a file beside the report, where the run counts. */
export function writeBeside(/** @type {string} */ name, /** @type {string} */ text) {
  if (writes) writeFileSync(fileURLToPath(new URL(`../${name}`, import.meta.url)), text);
}
