import { randomToken } from "../../../lib/crypto/random.ts";
import type { Connection } from "../link/connection.ts";
import type { Script } from "../lua/piece.ts";
import { replyWord } from "./fault.ts";

/** What every script is told: see `lua/frame.ts`. What is left out is not known, or not wanted. */
export interface Frame {
  readonly lineage: string;
  readonly fence: number | undefined;
  /** Of what changes something. */
  readonly deadline?: number | undefined;
  readonly now?: number | undefined;
  readonly input?: string | undefined;
  readonly auditEntries?: number | undefined;
}

/** Bytes of a change's random mark. */
const tagSize = 9;

export function framed({ lineage, input = "{}", ...more }: Frame): readonly string[] {
  const { fence, deadline, now, auditEntries } = more;
  const tag = deadline === undefined ? "" : randomToken(tagSize);
  return [lineage, text(deadline), text(now), tag, input, text(fence), text(auditEntries)];
}

function text(value: number | undefined): string {
  return value === undefined ? "" : String(value);
}

/** A script as servers are sent it, and its name with them: the SHA-1 of the text, known after the first use. */
interface Named {
  readonly text: string;
  digest: string | undefined;
}

const scripts = new Map<Script, Named>();
/** The same as scripts that only read. */
const readers = new Map<Script, Named>();

/**
 * Runs a script by its name; a server that does not know it, after a restart or a fail-over, is sent all of it. One
 * that only `reads` runs where nothing can be written too, e.g. while the disk is full.
 */
export async function evaluate(
  connection: Connection,
  script: Script,
  keys: readonly string[],
  args: readonly string[],
  reads = false,
): Promise<string> {
  const rest = [String(keys.length), ...keys, ...args];
  try {
    return await send(connection, nameOf(scripts, script), rest);
  } catch (error) {
    if (!reads || replyWord(error) !== "MISCONF") throw error;
    return send(connection, nameOf(readers, script, "no-writes"), rest);
  }
}

async function send(
  connection: Connection,
  { text, digest }: Named,
  rest: readonly string[],
): Promise<string> {
  if (digest !== undefined) {
    try {
      return String(await connection.sendCommand(["EVALSHA", digest, ...rest]));
    } catch (error) {
      if (replyWord(error) !== "NOSCRIPT") throw error;
    }
  }
  return String(await connection.sendCommand(["EVAL", text, ...rest]));
}

/** With a first line that names flags Redis runs a script on a primary only, and only where it takes writes. */
function nameOf(known: Map<Script, Named>, script: Script, ...more: readonly string[]): Named {
  const found = known.get(script);
  if (found !== undefined) return found;
  const flags = [...script.flags, ...more];
  const text = `#!lua${flags.length > 0 ? ` flags=${flags.join(",")}` : ""}\n${script.body}`;
  const named: Named = { text, digest: undefined };
  known.set(script, named);
  void digestOf(text).then((digest) => {
    named.digest = digest;
  });
  return named;
}

async function digestOf(text: string): Promise<string> {
  const hash = await globalThis.crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
