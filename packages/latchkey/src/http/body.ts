import type { z } from "zod";
import { type Refusal, refuse } from "../errors.ts";
import { isJsonObject, parseJson } from "../lib/json.ts";
import { fromUtf8 } from "../lib/text.ts";
import { isJson } from "../read/origin.ts";

/** Deepest nesting that is looked at. */
const maxDepth = 32;

/** A body of the right shape. */
export type ReadBody<T> = { readonly ok: true; readonly body: T } | Refusal;

/**
 * Reads a JSON body: content type, UTF-8, JSON, then the schema, which refuses members it does not name. Refused
 * anywhere in it: NUL, half surrogates and `__proto__`, which no honest client sends.
 */
export async function readBody<T>(request: Request, schema: z.ZodType<T>): Promise<ReadBody<T>> {
  const bytes = await readBytes(request);
  if (bytes === undefined) return invalid("The body was cut off.");
  if (bytes.length > 0 && !isJson(request.headers.get("content-type")))
    return refuse("unsupported_media_type");
  const text = fromUtf8(bytes);
  if (text === undefined) return invalid("The body is not UTF-8.");
  const value = text === "" ? undefined : parseJson(text);
  if (text !== "" && value === undefined) return invalid("The body is not JSON.");
  const fault = findFault(value, maxDepth);
  if (fault !== undefined) return invalid(fault);
  const parsed = schema.safeParse(value);
  return parsed.success ? { ok: true, body: parsed.data } : invalid(explain(parsed.error));
}

/** Reads the parameters of a GET. A parameter that comes twice is refused: readers differ on which one counts. */
export async function readQuery<T>(request: Request, schema: z.ZodType<T>): Promise<ReadBody<T>> {
  const parameters = [...new URL(request.url).searchParams];
  const names = parameters.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return invalid(`${twice}: given twice.`.slice(0, 200));
  const fault = findFault(Object.fromEntries(parameters), maxDepth);
  if (fault !== undefined) return invalid(fault);
  const parsed = schema.safeParse(Object.fromEntries(parameters));
  return parsed.success ? { ok: true, body: parsed.data } : invalid(explain(parsed.error));
}

/** Undefined if the client left in the middle of it. */
async function readBytes(request: Request): Promise<Uint8Array | undefined> {
  try {
    return new Uint8Array(await request.arrayBuffer());
  } catch {
    return undefined;
  }
}

function invalid(detail: string): Refusal {
  return refuse("invalid_input", { detail });
}

/** Names the member and what is wrong with it; never its value. */
function explain(error: z.ZodError): string {
  const [issue] = error.issues;
  const path = issue?.path.join(".") ?? "";
  return `${path === "" ? "body" : path}: ${issue?.message ?? "not valid"}`.slice(0, 200);
}

function findFault(value: unknown, depth: number): string | undefined {
  if (typeof value === "string")
    return isCleanText(value) ? undefined : "A text holds a NUL or half a character.";
  if (typeof value !== "object" || value === null) return undefined;
  if (depth === 0) return "The body is nested too deeply.";
  if (isJsonObject(value) && Object.hasOwn(value, "__proto__")) return "__proto__ is no member of anything.";
  for (const [key, member] of Object.entries(value)) {
    const fault = findFault(key, depth) ?? findFault(member, depth - 1);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** Half surrogates would be stored as another text than was sent. */
function isCleanText(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}
