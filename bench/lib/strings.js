// @ts-check
/**
 * Gives strings in turn, each a new one every time, as those of a header are: nobody has hashed it before.
 *
 * @param {readonly string[]} texts
 * @returns {() => string}
 */
export function inTurn(texts) {
  const all = texts.map((text) => Buffer.from(text, "latin1"));
  let at = 0;
  return () => {
    at = at + 1 === all.length ? 0 : at + 1;
    return /** @type {Buffer} */ (all[at]).latin1Slice();
  };
}

/**
 * A request with one header that changes, read as a check reads it.
 *
 * @param {string} name
 * @param {() => string} next
 */
export function requestWith(name, next) {
  let value = "";
  const request = {
    method: "GET",
    headers: { get: (/** @type {string} */ wanted) => (wanted === name ? value : null) },
  };
  return () => {
    value = next();
    return request;
  };
}
