import { makeWake } from "../../../lib/timing/wake.ts";
import type { ChangesPage } from "../../../types.ts";
import { parsePosition } from "../../rules/position.ts";
import type { SqlDriver } from "../../sql/driver.ts";
import type { PostgresClient } from "../pg/client.ts";
import { sendForLast } from "../statements/send.ts";
import type { Texts } from "../statements/text/texts.ts";

/** How often the log is looked at where no notifications come through, in ms. */
const pollPause = 100;

/** Lets readers of the log wait for the next entry. */
export interface LogWait {
  readonly wait: SqlDriver["wait"];
  /** Something was committed, here or elsewhere, or the connection was lost: whoever waits looks for themselves. */
  readonly wake: () => void;
  /** Remembers when a page was read: a word that comes between looking and waiting is not missed. */
  looking<T>(look: () => Promise<T>): Promise<T>;
}

/** What waiting needs. */
export interface WaitOptions {
  readonly hears: () => boolean;
  /** Whether the log has moved on from the page. */
  readonly hasMoved: (page: ChangesPage) => Promise<boolean>;
}

export function makeLogWait({ hears, hasMoved }: WaitOptions): LogWait {
  const news = makeWake();
  /** How often there was a word. */
  let words = 0;
  const wordsAtLook = new WeakMap<object, number>();
  return {
    wake: () => {
      words += 1;
      news.wake();
    },
    looking: async (look) => {
      const before = words;
      const page = await look();
      if (typeof page === "object" && page !== null) wordsAtLook.set(page, before);
      return page;
    },
    wait: async (page, milliseconds, signal) => {
      const end = performance.now() + milliseconds;
      while (words === wordsAtLook.get(page) && signal?.aborted !== true) {
        const left = end - performance.now();
        if (left <= 0) return;
        const polls = !hears();
        await news.wait(polls ? Math.min(left, pollPause) : left, signal);
        if (polls && (await hasMoved(page))) return;
      }
    },
  };
}

/** Whether the log has moved on from the page. */
export async function hasMoved(
  client: PostgresClient,
  texts: Pick<Texts, "qualify">,
  { position }: ChangesPage,
): Promise<boolean> {
  const { values } = await sendForLast(client, texts.qualify("select n, tag from latchkey_change_head"));
  const [n, tag] = values[0] ?? [];
  const read = parsePosition(position);
  return n !== read?.n || (tag !== read?.tag && n !== 0);
}
