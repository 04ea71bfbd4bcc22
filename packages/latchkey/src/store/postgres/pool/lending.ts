import { Lost, lateFor } from "../fault.ts";
import { discard, type PostgresClient } from "../pg/client.ts";
import type { Breaker } from "./breaker.ts";
import type { Gate, Use } from "./gate.ts";
import type { Limit } from "./limit.ts";
import type { Stock } from "./stock.ts";

/** Lends connections, and takes away those that do not answer in time. */
export interface Lending {
  /** Does the work on a connection that nobody else has meanwhile. */
  lend<T>(use: Use, limit: Limit, work: (client: PostgresClient) => Promise<T>): Promise<T>;
  /** A connection to keep, beside those that are lent. Whoever has it discards it in the end, or gives it back. */
  keep(limit: Limit): Promise<PostgresClient>;
  giveBack(client: PostgresClient): void;
}

/** What lending needs. */
export interface LendingOptions {
  readonly name: string;
  readonly stock: Stock;
  readonly gate: Gate;
  readonly breaker: Breaker;
}

export function makeLending({ name, stock, gate, breaker }: LendingOptions): Lending {
  async function within(limit: Limit, taking: Promise<PostgresClient>): Promise<PostgresClient> {
    const client = await taking;
    if (!limit.over()) return client;
    client.release();
    throw lateFor(name);
  }

  async function use<T>(
    client: PostgresClient,
    limit: Limit,
    work: (client: PostgresClient) => Promise<T>,
  ): Promise<T> {
    let isDead = false;
    try {
      return await work(client);
    } catch (error) {
      isDead = error instanceof Lost;
      throw error;
    } finally {
      if (!limit.over()) {
        if (isDead) discard(client);
        else giveBack(client);
      }
    }
  }

  function giveBack(client: PostgresClient): void {
    breaker.answered();
    stock.putBack(client);
  }

  return {
    lend: async (purpose, limit, work) => {
      breaker.check();
      const leave = await gate.enter(purpose, limit);
      const asked = performance.now();
      const giveUp = (): void => {
        leave();
        breaker.late(asked);
      };
      limit.tidy = giveUp;
      try {
        const client = await within(limit, stock.take());
        limit.tidy = () => {
          discard(client);
          giveUp();
        };
        return await use(client, limit, work);
      } catch (error) {
        breaker.lost(error, asked);
        throw error;
      } finally {
        leave();
      }
    },
    keep: async (limit) => {
      const asked = performance.now();
      limit.tidy = () => breaker.late(asked);
      try {
        return await within(limit, stock.takeOut());
      } catch (error) {
        breaker.lost(error, asked);
        throw error;
      }
    },
    giveBack,
  };
}
