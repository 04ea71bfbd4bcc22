const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text → UTF-8. */
export function toUtf8(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text);
}

/** The same text by itself: V8 makes a slice of a long one a window on the whole, and keeps that alive with it. */
export function detached(text: string): string {
  return ` ${text}`.slice(1);
}

/** UTF-8 → text, or undefined if the bytes are not well-formed UTF-8. */
export function fromUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
