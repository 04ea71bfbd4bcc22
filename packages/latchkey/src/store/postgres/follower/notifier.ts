import { lateFor } from "../fault.ts";
import type { Lending } from "../pool/lending.ts";
import { withLimit } from "../pool/limit.ts";
import { send } from "../statements/send.ts";

/** How long a word may take, in ms. */
const wordLimit = 1000;

/** Runs a statement on any connection. */
export function makeSpeaker(name: string, lending: Lending): (text: string) => Promise<void> {
  const late = () => lateFor(name);
  return (text) =>
    withLimit(wordLimit, late, (limit) =>
      lending.lend("read", limit, async (client) => void (await send(client, { text }))),
    );
}

/**
 * Tells other processes that there is something new, once for all that came while the last word was under way. After
 * the commit, not in it: a notification in a transaction holds a lock of the whole server while the disk is waited for.
 * If it gets lost, they look by themselves soon.
 */
export function makeNotifier(tell: () => Promise<void>): () => void {
  let telling = false;
  let more = false;

  async function run(): Promise<void> {
    do {
      more = false;
      await tell().catch(() => undefined);
    } while (more);
    telling = false;
  }

  return () => {
    more = true;
    if (telling) return;
    telling = true;
    void run();
  };
}
