import { onTestFinished } from "vitest";

/** One message of a stream of server-sent events. */
export interface Told {
  readonly event: string;
  readonly data: {
    readonly code?: string;
    readonly roles?: readonly string[];
    readonly [name: string]: unknown;
  };
}

/** A stream that somebody reads. */
export interface Listener {
  readonly status: number;
  readonly headers: Headers;
  /** All that came, as text. */
  text(): string;
  told(): readonly Told[];
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  /** Goes away, as a page that is closed. */
  leave(): void;
}

/** Reads an answer for as long as it comes; leaves it when the test is over. */
export function listen(response: Response): Listener {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  const ended = (async () => {
    for (;;) {
      const chunk = await reader?.read().catch(() => undefined);
      if (chunk?.value === undefined) return;
      text += decoder.decode(chunk.value, { stream: true });
    }
  })();
  const leave = (): void => void reader?.cancel().catch(() => undefined);
  onTestFinished(leave);
  const told = (): readonly Told[] =>
    [...text.matchAll(/^event: (\w+)\ndata: (.*)\n\n/gm)].map(([, event = "", data = ""]) => ({
      event,
      data: JSON.parse(data),
    }));
  return { status: response.status, headers: response.headers, text: () => text, told, ended, leave };
}
