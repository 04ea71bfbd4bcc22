/** What we know of a server's clock, so that a deadline can be told in its time. */
export interface ServerClock {
  /** The server said `time`, in ms, in answer to what was sent then; called when the answer came. */
  observe(time: number, sentAt: number): void;
  /** What its clock shows at a moment of ours, at the latest: a deadline is rather early than late. */
  at(moment: number): number;
}

/**
 * A time that the server tells lies between sending and answer, which bounds how far the clocks are apart from both
 * sides. The lower bound only rises, as answers get quicker, until the upper one shows that a clock was set back.
 */
export function makeServerClock(): ServerClock {
  let ahead = Number.NEGATIVE_INFINITY;
  return {
    observe: (time, sentAt) => {
      ahead = Math.min(Math.max(ahead, time - performance.now()), time - sentAt);
    },
    at: (moment) => Math.floor(moment + ahead),
  };
}
