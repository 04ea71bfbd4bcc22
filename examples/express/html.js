/** @type {{ readonly [character: string]: string }} */
const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that is HTML already. */
class Html {
  /** @param {string} text */
  constructor(text) {
    this.text = text;
  }
}

/**
 * A piece of HTML. What is put in is escaped, unless it is such a piece itself.
 *
 * @param {TemplateStringsArray} strings @param {unknown[]} values
 */
export function html(strings, ...values) {
  const text = strings.reduce((before, string, at) => before + write(values[at - 1]) + string);
  return new Html(text);
}

/** @param {unknown} value @returns {string} */
function write(value) {
  if (value instanceof Html) return value.text;
  if (Array.isArray(value)) return value.map(write).join("");
  return String(value ?? "").replace(/[&<>"']/g, (one) => escapes[one] ?? one);
}

/**
 * A whole page.
 *
 * @param {string} title @param {Html} body
 */
export function page(title, body) {
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body><main><h1>${title}</h1>${body}</main></body>
</html>`.text;
}
