import { randomToken } from "../../../lib/crypto/random.ts";
import { unref } from "../../../lib/timing/wake.ts";
import { quoteName } from "../statements/text/texts.ts";

/** Finds out whether a connection hears what is said on others. */
export interface Echo {
  /** A channel of its own to listen on. */
  readonly channel: string;
  /** Whether the last word came back. */
  hears(): boolean;
  /** A notification has come. */
  heard(channel: unknown): void;
  /** Sends the first word. */
  start(): void;
  stop(): void;
}

/** What it needs. */
export interface EchoOptions {
  /** Runs a statement on another connection. */
  readonly say: (text: string) => Promise<void>;
  /** Told when a word did not come back that did before, or the first one. */
  readonly onDeaf: () => void;
}

/** How long a word may take to come back, and how often one is sent, in ms. */
const [limit, interval] = [1000, 10_000];

/**
 * Behind a pooler that gives each transaction another connection, notifications do not come through (P35). A word on the
 * same connection would not tell: it may happen to get the one that listens. Nor does one word tell for ever.
 */
export function makeEcho({ say, onDeaf }: EchoOptions): Echo {
  const channel = `latchkey:echo:${randomToken(9)}`;
  const text = `notify ${quoteName(channel)}`;
  let hears = false;
  let said = false;
  let answered = false;
  let wasTold = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function send(): void {
    said = false;
    answered = false;
    say(text).then(
      () => {
        said = true;
      },
      () => undefined, // An outage is told of elsewhere.
    );
    timer = unref(setTimeout(judge, limit));
  }

  function judge(): void {
    hears = answered;
    if (said && !answered && !wasTold) onDeaf();
    wasTold = said && !answered;
    timer = unref(setTimeout(send, interval - limit));
  }

  return {
    channel,
    hears: () => hears,
    heard: (on) => {
      if (on !== channel) return;
      answered = true;
      hears = true;
    },
    start: send,
    stop: () => clearTimeout(timer),
  };
}
