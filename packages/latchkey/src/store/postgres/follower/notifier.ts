import { lateFor } from "../fault.ts";
import type { Lending } from "../pool/lending.ts";
import { withLimit } from "../pool/limit.ts";
import { send } from "../statements/send.ts";
import { quoteName } from "../statements/text/texts.ts";

/** How long a word may take, in ms. */
const wordLimit = 1000;

/**
 * Tells other processes that there is something new, once for all that came while the last word was under way. After
 * the commit, not in it: a notification in a transaction holds a lock of the whole server while the disk is waited for.
 * If it gets lost, they look by themselves soon.
 */
export function makeNotifier(name: string, lending: Lending, channel: string): () => void {
  const text = `notify ${quoteName(channel)}`;
  let telling = false;
  let more = false;

  async function tell(): Promise<void> {
    const late = () => lateFor(name);
    await withLimit(wordLimit, late, (limit) =>
      lending.lend("read", limit, (client) => send(client, { text })),
    );
  }

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
