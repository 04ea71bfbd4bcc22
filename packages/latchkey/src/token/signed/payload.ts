import { decodeBase64url, isCanonicalBase64url, isWholeLength } from "../../lib/base64url.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../lib/json.ts";
import { builtin } from "../../lib/runtime/builtin.ts";
import { fromUtf8 } from "../../lib/text.ts";

/** Longest token that is looked at, in characters. */
export const maxLength = 4096;

/** `Buffer` of Node, and not what some bundlers put in its place. */
type NodeBuffer = Pick<typeof Buffer, "alloc" | "byteLength">;

/**
 * Reads text of one layout in less time than any; undefined: the text has another. Of what it reads there is no other
 * spelling, and all of it is ASCII.
 */
export type ReadLayout = (text: string) => JsonObject | undefined;

type ReadPayload = (payload: string, layout?: ReadLayout) => JsonObject | undefined;

/**
 * The members of a payload, if it is the one spelling of what it says. That rules out duplicate members, numbers that are
 * no number (1e400), stray whitespace, malformed UTF-8 and base64url that is not canonical.
 */
export const readPayload: ReadPayload = makeReadPayload(builtin("node:buffer")?.Buffer);

/** @param buffer undefined: the runtime has none */
export function makeReadPayload(buffer: NodeBuffer | undefined): ReadPayload {
  return buffer === undefined ? readPortably : makeReadWith(buffer);
}

/**
 * The same in less time, and in one place for all: what is made for a payload and thrown away costs as much again.
 * `Buffer` makes a replacement character of malformed UTF-8: where there is one, see below.
 */
function makeReadWith(buffer: NodeBuffer): ReadPayload {
  const room = buffer.alloc(maxLength);
  return (payload, layout) => {
    if (payload.length > maxLength) return readPortably(payload);
    const size = room.write(payload, 0, "base64url");
    const members = layout?.(room.toString("latin1", 0, size));
    if (members !== undefined) return isOneSpelling(payload, size) ? members : undefined;
    if (!isCanonicalBase64url(payload)) return undefined;
    const text = room.toString("utf8", 0, size);
    return text.includes("\ufffd") ? readPortably(payload) : readText(text);
  };

  /**
   * Whether the payload is the one spelling of the bytes that were read. In less time than looking at every character
   * takes: what `Buffer` passes over makes fewer bytes, it reads `+` and `/` as well, and of a character beyond ASCII the
   * lower half.
   */
  function isOneSpelling(payload: string, size: number): boolean {
    return (
      size === (payload.length * 3) >> 2 &&
      isWholeLength(payload) &&
      !payload.includes("+") &&
      !payload.includes("/") &&
      buffer.byteLength(payload) === payload.length
    );
  }
}

function readPortably(payload: string): JsonObject | undefined {
  const bytes = decodeBase64url(payload);
  const text = bytes === undefined ? undefined : fromUtf8(bytes);
  return text === undefined ? undefined : readText(text);
}

/** Writing the parsed object again must give the same text. */
function readText(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) && JSON.stringify(value) === text ? value : undefined;
}
