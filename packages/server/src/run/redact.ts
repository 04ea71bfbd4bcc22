const secretName = /authorization|cookie|password|secret|token|credential/i;
/** Our credentials and any JWT, wherever they stand in a text. */
const credentialText = /\blk[a-z]_[\w.-]{8,}|\beyJ[\w-]+\.[\w-]*\.[\w-]*/g;
const secretInQuery = /([?&](?:token|code|secret|password)=)[^&\s"]+/gi;
const mark = "[redacted]";
const deepest = 6;

/**
 * A copy of what is to be logged, without credentials: members with a telling name at any depth, and texts that
 * look like one. The second is the net below the first: an error's message was written by someone else.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  if (depth >= deepest) return "[deep]";
  if (value instanceof URL) return value.origin + value.pathname;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return redactMembers(value instanceof Error ? membersOf(value) : value, depth + 1);
}

/** The members of an object to be logged; see {@link redact}. */
export function redactMembers(members: object, depth = 0): Record<string, unknown> {
  const entries = Object.entries(members).map(([name, value]) => [
    name,
    secretName.test(name) && value !== undefined ? mark : redact(value, depth),
  ]);
  return Object.fromEntries(entries);
}

function redactText(text: string): string {
  return text.replace(credentialText, mark).replace(secretInQuery, `$1${mark}`);
}

/** An error's own members do not include those that say what happened. */
function membersOf(error: Error): object {
  const { name, message, stack, cause } = error;
  return { ...error, name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
