import type { Clock } from "../../lib/clock.ts";
import type { SqlDriver } from "../sql/driver.ts";
import type { Scope, Script } from "../sql/script.ts";
import { makeCall } from "./calls.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { askOfCheck } from "./statements/asked.ts";
import { runScript } from "./statements/run.ts";
import { transact, transactReading } from "./statements/transaction.ts";

/** How long each kind of call waits, all in all, in ms (P32): a little less than who calls the store would wait. */
const limits = { check: 180, read: 1800, write: 1900 };

/** Of a step that asks the server for its clock in its own statement. */
const unknown = Number.NaN;

/** Runs each step on a connection of its own, awaiting every statement, and gives up in time. */
export function postgresDriver(
  name: string,
  clock: Clock | undefined,
  { db, database }: Pick<Lifecycle, "db" | "database">,
): SqlDriver {
  const call = makeCall(name, database);

  /** Each statement for itself, and seen by everybody before the next: so a lease is, before the log is read (P16). */
  function follow<Result>(step: (scope: Scope) => Script<Result>): Promise<Result> {
    const { follower, ground } = database();
    return follower.use((client) => runScript(client, ground.texts, step(ground.scopeAt(unknown))));
  }

  return {
    db,
    ask: (now) => askOfCheck(clock, now),
    check: (step) =>
      call("read", limits.check, (client, { ground }) =>
        runScript(client, ground.texts, step(ground.scopeAt(unknown))),
      ),
    read: (step) =>
      call("read", limits.read, (client, { ground }, limit) => transactReading(client, ground, limit, step)),
    write: async (step) => {
      const { follower } = database();
      const { result, scope } = await call("write", limits.write, (client, { ground }, limit) =>
        transact(client, ground, limit, step),
      );
      if (scope.changes.length > 0) follower.announce();
      return result;
    },
    follow: async (step) => follow(step),
    look: async (step) => follow(step),
    wait: async (page, milliseconds, signal) => database().follower.wait(page, milliseconds, signal),
  };
}
