import { lateFor } from "../fault.ts";
import { discard } from "../pg/client.ts";
import { begin, rollBack } from "../statements/opening.ts";
import type { Texts } from "../statements/text/texts.ts";
import type { Lending } from "./lending.ts";
import { withLimit } from "./limit.ts";

/** How long the database may take to show that it is there again, in ms. */
const probeLimit = 1000;

/** What is looked for. */
export interface Wanted {
  readonly name: string;
  readonly texts: Texts;
  readonly lineage: string;
}

/** Rejects unless the database begins a transaction that may write, and is the one that it was. */
export function probe(lending: Lending, { name, texts, lineage }: Wanted): Promise<void> {
  const late = () => lateFor(name);
  return withLimit(probeLimit, late, async (limit) => {
    const client = await lending.keep(limit);
    limit.tidy = () => discard(client);
    try {
      await begin(client, texts, { mode: "read write", left: limit.left() }, lineage);
      await rollBack(client);
    } catch (error) {
      discard(client);
      throw error;
    }
    if (!limit.over()) lending.giveBack(client);
  });
}
