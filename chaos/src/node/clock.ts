/** The machine's own, before anybody changes it. */
const machine = Date.now;

/**
 * Sets the wall clock of this process, as an administrator or a time server sets that of a machine. The library reads it
 * by `Date.now()` alone; the monotonic clock goes on, as it does when a wall clock is set.
 */
export function setWallClock(ahead: number): void {
  Date.now = () => machine() + ahead;
}
