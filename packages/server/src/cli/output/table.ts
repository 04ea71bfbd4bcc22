import stringWidth from "string-width";
import { printable } from "./text.ts";

/** A cell; null: there is nothing, and a dash says so. */
type Cell = string | null;

/** Columns under their names. */
export function table(names: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return aligned([names, ...rows]);
}

/** Lines whose columns stand below each other, also where characters are wide. The last one is not filled up. */
export function aligned(rows: readonly (readonly Cell[])[]): string {
  const lines = rows.map((row) => row.map((cell) => printable(cell || "-")));
  const columns = lines[0] ?? [];
  const widths = columns.map((_, column) =>
    Math.max(...lines.map((line) => stringWidth(line[column] ?? ""))),
  );
  const fill = (cell: string, column: number): string =>
    cell + " ".repeat(Math.max((widths[column] ?? 0) - stringWidth(cell), 0));
  return lines.map((line) => line.map(fill).join("  ").trimEnd()).join("\n");
}
