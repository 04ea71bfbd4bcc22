import type { z } from "zod";
import { mistake } from "../start-error.ts";

const secretName = /secret|password|token/i;
const longestShown = 60;

/**
 * Checks one setting against its schema, whose messages are the remedies. `name` is what the person typed: a flag,
 * a variable, or the file in which the issue's path leads on.
 *
 * @throws StartError (exit code 2) that names the first mistake
 */
export function check<T>(schema: z.ZodType<T>, value: unknown, name: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (issue === undefined) throw mistake(name, show(value, name), "it is not valid.");
  const unknown = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const path = unknown === undefined ? issue.path : [...issue.path, unknown];
  const option = path.length === 0 ? name : `${path.map(String).join(".")} in ${name}`;
  const shown = unknown === undefined ? show(valueAt(value, path), option) : "no option";
  throw mistake(option, shown, issue.message);
}

/** A value as a message may show it: short, and not at all if its name says that it is secret. */
function show(value: unknown, name: string): string {
  if (value === undefined) return "missing";
  if (secretName.test(name)) return "wrong (its value is not shown)";
  if (typeof value === "function") return "a function";
  const text = JSON.stringify(value) ?? String(value);
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((at, key) => (isObject(at) ? Reflect.get(at, key) : undefined), value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
