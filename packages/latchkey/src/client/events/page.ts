/** What a page tells. The answer stops it. */
export interface PageHandlers {
  /** There is surely no network. */
  readonly onOffline: () => void;
  /** It is looked at again, or the network is back: what was missed has to be asked for. */
  readonly onReturn: () => void;
  /** It goes away, perhaps to come back as it is. */
  readonly onHide: () => void;
  readonly onShow: () => void;
}

/** Does nothing where there is no page. */
export function watchPage({ onOffline, onReturn, onHide, onShow }: PageHandlers): () => void {
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
