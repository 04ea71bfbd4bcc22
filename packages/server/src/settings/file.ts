import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { mistake, systemCode } from "../start-error.ts";
import { check } from "./check.ts";
import { type FileSettings, fileSchema } from "./schema.ts";

/**
 * Reads the file of `--config`: JSON, or a module whose default export is the settings.
 *
 * @throws StartError (exit code 2) if it cannot be read or holds a mistake
 */
export async function readSettingsFile(path: string | undefined): Promise<FileSettings> {
  if (path === undefined) return {};
  const contents = /^\.m?js$/.test(extname(path)) ? await importModule(path) : await readJson(path);
  return check(fileSchema, contents, path);
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    throw mistake(
      "--config",
      JSON.stringify(path),
      `it cannot be read (${systemCode(error)}); give an existing file.`,
    );
  });
  try {
    return JSON.parse(text);
  } catch (error) {
    throw mistake(
      "--config",
      JSON.stringify(path),
      `it is no JSON (${wordsOf(error)}); mend it, or name it .mjs.`,
    );
  }
}

async function importModule(path: string): Promise<unknown> {
  try {
    const module: unknown = await import(pathToFileURL(resolve(path)).href);
    return typeof module === "object" && module !== null && "default" in module ? module.default : undefined;
  } catch (error) {
    throw mistake("--config", JSON.stringify(path), `it cannot be loaded: ${wordsOf(error)}`);
  }
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n", 1)[0] ?? "") : String(error);
}
