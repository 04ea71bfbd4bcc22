import { refuseNul } from "../../../sql/nul.ts";

/**
 * A value as part of a text. Letters of whoever sent them never get there: in hexadecimal there is nothing to escape,
 * whatever the server takes for its encoding or for an escape.
 */
export function literal(value: string | number | null): string {
  if (value === null) return "null";
  if (typeof value === "number") return String(value);
  refuseNul(value);
  const hex = Array.from(encoder.encode(value), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `convert_from(decode('${hex}', 'hex'), 'UTF8')`;
}

const encoder = new TextEncoder();
