/**
 * Tells what happens to the page, until the answer is called. Does nothing where there is no page.
 *
 * @param onOffline there is surely no network
 * @param onReturn it is looked at again, or the network is back: what was missed has to be asked for
 * @param onHide it goes away, perhaps to come back as it is: `onShow`
 */
export function watchPage(
  onOffline: () => void,
  onReturn: () => void,
  onHide: () => void,
  onShow: () => void,
): () => void {
  if (typeof document === "undefined") return () => undefined;
  const stopping = new AbortController();
  const on = (target: EventTarget, event: string, act: () => void): void =>
    target.addEventListener(event, act, { signal: stopping.signal });
  on(window, "offline", onOffline);
  on(window, "online", onReturn);
  on(document, "visibilitychange", () => document.visibilityState === "visible" && onReturn());
  // A page that holds a connection or a lock cannot be kept for when somebody comes back.
  on(window, "pagehide", onHide);
  on(window, "pageshow", onShow);
  return () => stopping.abort();
}
