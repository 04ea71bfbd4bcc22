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
