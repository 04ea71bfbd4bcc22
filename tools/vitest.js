// @ts-check
// Runs the tests and closes with a line that machines read.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runTool } from "./process.js";

/**
 * Runs test projects, letting vitest print its own report. The last line is "N passed, N failed".
 *
 * @param {string[]} projects names in vitest.config.ts
 * @param {Record<string, string>} env added to the environment of the tests
 * @returns {number} the exit code
 */
export function runTests(projects, env) {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-tests-"));
  const report = join(folder, "report.json");
  const chosen = projects.map((name) => `--project=${name}`);
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  try {
    const code = runTool("vitest", ["run", ...chosen, ...reporters], env);
    return closingLine(report, code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} report
 * @param {number} code vitest's exit code
 */
function closingLine(report, code) {
  const result = readReport(report);
  if (result === undefined) return code || 1; // vitest broke off before it wrote a report, and has said why
  const passed = result.numPassedTests;
  const skipped = result.numPendingTests + result.numTodoTests;
  const failed = result.numFailedTests + brokenFiles(result);
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  return failed > 0 ? code || 1 : code;
}

/**
 * A file that throws while it loads has no test to count as failed. It counts as one.
 *
 * @param {{ testResults: { status: string, assertionResults: { status: string }[] }[] }} result
 */
function brokenFiles(result) {
  const hasFailure = (/** @type {{ status: string }} */ test) => test.status === "failed";
  return result.testResults.filter((file) => hasFailure(file) && !file.assertionResults.some(hasFailure))
    .length;
}

/** @param {string} path */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
