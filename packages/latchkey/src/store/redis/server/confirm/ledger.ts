/** Confirms what was written before on the server of that replication id, within so many ms. */
type Wait = (on: string, milliseconds: number) => Promise<void>;

/**
 * A confirmation that failed is owed to whoever asks next, also if all that they find is that there is nothing left to
 * do: that it was done is not safe yet. The answer is called after each step that forbids something.
 */
export function makeLedger(wait: Wait): (wrote: boolean, on: string, until: number) => Promise<void> {
  let tickets = 0;
  let owed = 0;
  return async (wrote, on, until) => {
    if (!wrote && owed === 0) return;
    tickets += 1;
    const ticket = tickets;
    try {
      await wait(on, until - performance.now());
      if (owed <= ticket) owed = 0;
    } catch (error) {
      owed = Math.max(owed, ticket);
      throw error;
    }
  };
}
