// @ts-check
/**
 * A bar chart on a logarithmic scale, readable on light and on dark pages.
 *
 * @param {string} title
 * @param {readonly { name: string, value: number, label: string, ours: boolean }[]} bars
 */
export function barChart(title, bars) {
  const [left, width, step] = [250, 430, 26];
  const least = Math.min(...bars.map(({ value }) => value)) / 2;
  const most = Math.max(...bars.map(({ value }) => value));
  const lengthOf = (/** @type {number} */ value) =>
    Math.max(2, Math.round((width * Math.log(value / least)) / Math.log(most / least)));
  const height = 44 + bars.length * step;
  const rows = bars.map(({ name, value, label, ours }, i) => {
    const y = 38 + i * step;
    const length = lengthOf(value);
    return `<text x="${left - 8}" y="${y + 14}" text-anchor="end">${escaped(name)}</text>
<rect class="${ours ? "ours" : "other"}" x="${left}" y="${y}" width="${length}" height="18" rx="3"/>
<text x="${left + length + 6}" y="${y + 14}">${escaped(label)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 ${height}" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<style>text{font:13px system-ui,sans-serif;fill:#1f2328}.head{font-weight:600}.ours{fill:#1a7f37}.other{fill:#8c959f}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.ours{fill:#3fb950}.other{fill:#6e7681}}</style>
<text class="head" x="8" y="20">${escaped(title)}</text>
${rows.join("\n")}
</svg>
`;
}

/** @param {string} text */
function escaped(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
