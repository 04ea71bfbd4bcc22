import { unref } from "../time.ts";

/** What one tab tells the others. Nothing in it is a secret. */
export type News =
  /** Somebody signed in or out, or got a new credential. */
  | { readonly kind: "changed" }
  | { readonly kind: "renewed"; readonly session: string; readonly expiresIn: number | undefined }
  /** An event of the server, as the one tab that listens got it. */
  | { readonly kind: "event"; readonly session: string; readonly event: string; readonly data: unknown };

/** The tabs of one origin. It only spreads news: who misses some learns it from the server. */
export interface Tabs {
  post(news: News): void;
  open(onNews: (news: News) => void): void;
  close(): void;
}

export function makeTabs(name: string | undefined): Tabs {
  let channel: BroadcastChannel | undefined;

  function make(): BroadcastChannel | undefined {
    return name === undefined || typeof BroadcastChannel === "undefined"
      ? undefined
      : unref(new BroadcastChannel(name));
  }

  return {
    // One of its own where none is open: whoever only signs out has nothing to listen to.
    post(news) {
      const through = channel ?? make();
      through?.postMessage(news);
      if (through !== channel) through?.close();
    },
    open(onNews) {
      channel = make();
      if (channel) channel.onmessage = ({ data }) => onNews(data);
    },
    close() {
      channel?.close();
      channel = undefined;
    },
  };
}
