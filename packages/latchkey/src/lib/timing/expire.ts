/** In ms. */
const longestMoment = 30;

/**
 * Calls back when the time (milliseconds) is up, unless it is taken back before by calling what this returns. A process
 * that did something else meets its timers before the answers that came meanwhile: those are looked at first, and what
 * could not be asked earlier gets a moment for its answer.
 */
export function expireAfter(milliseconds: number, expire: () => void): () => void {
  const end = performance.now() + milliseconds;
  let timer = setTimeout(() => {
    timer = setTimeout(expire, Math.min(1 + performance.now() - end, longestMoment));
  }, milliseconds);
  return () => clearTimeout(timer);
}
