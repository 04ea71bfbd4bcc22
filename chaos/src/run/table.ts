import { percentile } from "../history/latency.ts";

/** Rows as a table for the terminal, and for a document. The first row names the columns; numbers stand to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map((row) => row.map((cell) => String(cell)));
  const widths = (cells[0] ?? []).map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = widths.map((_, column) => rows.slice(1).every((row) => typeof row[column] === "number"));
  const lines = cells.map((row) => {
    const padded = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return isNumber[column] ? cell.padStart(width) : cell.padEnd(width);
    });
    return `| ${padded.join(" | ")} |`;
  });
  const rule = `|${widths.map((width, column) => `${"-".repeat(width + 1)}${isNumber[column] ? ":" : "-"}`).join("|")}|`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

/** Milliseconds, readable. */
export function ms(value: number): string {
  if (!Number.isFinite(value)) return "–";
  return value < 10 ? value.toFixed(1) : value.toFixed(0);
}

/** Median, 99th percentile and longest of times. */
export function figures(times: readonly number[]): readonly [p50: string, p99: string, max: string] {
  const longest = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  return [ms(percentile(times, 0.5)), ms(percentile(times, 0.99)), ms(longest)];
}
