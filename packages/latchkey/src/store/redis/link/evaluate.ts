import type { Script } from "../lua/piece.ts";
import type { Connection } from "./connection.ts";
import { replyWord } from "./fault.ts";

/** Names of scripts as servers keep them: the SHA-1 of the whole text. Known after the first use. */
const digests = new Map<string, string>();

/** What every script is told: see `lua/frame.ts`. What is left out is not known, or not wanted. */
export interface Frame {
  readonly lineage: string;
  readonly fence: number | undefined;
  readonly deadline?: number | undefined;
  readonly now?: number | undefined;
  readonly tag?: string | undefined;
  readonly input?: string | undefined;
}

export function framed({ lineage, fence, deadline, now, tag = "", input = "{}" }: Frame): readonly string[] {
  return [lineage, String(deadline ?? ""), String(now ?? ""), tag, input, String(fence ?? "")];
}

/**
 * Runs a script by its name; a server that does not know it, after a restart or a fail-over, is sent all of it. `reads`
 * lets one that writes nothing run where writing fails, e.g. while the disk is full.
 */
export async function evaluate(
  connection: Connection,
  script: Script,
  keys: readonly string[],
  args: readonly string[],
  reads = false,
): Promise<string> {
  const text = textOf(script, reads);
  const rest = [String(keys.length), ...keys, ...args];
  const digest = digests.get(text);
  if (digest !== undefined) {
    try {
      return String(await connection.sendCommand(["EVALSHA", digest, ...rest]));
    } catch (error) {
      if (replyWord(error) !== "NOSCRIPT") throw error;
    }
  } else void nameScript(text);
  return String(await connection.sendCommand(["EVAL", text, ...rest]));
}

/** With a first line that names flags Redis runs a script on a primary only, and only where it takes writes. */
function textOf({ flags, body }: Script, reads: boolean): string {
  const all = reads ? [...flags, "no-writes"] : flags;
  return `#!lua${all.length > 0 ? ` flags=${all.join(",")}` : ""}\n${body}`;
}

async function nameScript(text: string): Promise<void> {
  const hash = await globalThis.crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
  digests.set(text, Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join(""));
}
