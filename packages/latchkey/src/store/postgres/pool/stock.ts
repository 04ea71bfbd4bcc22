import { isCrowded, Lost } from "../fault.ts";
import { discard, listenTo, type PostgresClient, type PostgresPool } from "../pg/client.ts";
import { type Limit, withLimit } from "./limit.ts";

/** The connections that there are. */
export interface Stock {
  /** One of them, or a new one if none is free. */
  take(): Promise<PostgresClient>;
  /** One that is not counted any more. */
  takeOut(): Promise<PostgresClient>;
  /** It has answered, and is free. */
  putBack(client: PostgresClient): void;
  /** Whatever was not put back since may be dead, and would cost its user the whole limit. */
  expire(): void;
  /** Makes more of them, one after the other, as long as they are wanted. */
  grow(): void;
  /** Makes as many at once. */
  warm(count: number): Promise<void>;
}

/** What a stock needs. */
export interface StockOptions {
  readonly pool: PostgresPool;
  /** Most of them. */
  readonly size: number;
  /** Makes a new one ready for its first user. */
  readonly prime: (client: PostgresClient) => Promise<unknown>;
  readonly isWanted: () => boolean;
  /** There are as many now. */
  readonly onCount: (count: number) => void;
  /** One could not be had that was asked for then (`performance.now()`). */
  readonly onLoss: (error: unknown, asked: number) => void;
}

/** Pauses in ms, before another one is tried: where the server has none left for us, and after any other failure. */
const [crowdPause, pause] = [1000, 20];
/** How long making one may take, in ms. */
const makeLimit = 1000;
/** How long free connections are kept from others while a new one is asked for, in ms. */
const holdTime = 5;

/**
 * New connections are made beside the work, and nobody waits for one in particular: it takes its time, and another may
 * be free sooner. Nor are many made at once when many are wanted at once: each is a process of the server's.
 */
export function makeStock(options: StockOptions): Stock {
  const { pool, size, prime, isWanted, onCount, onLoss } = options;
  const alive = new Set<PostgresClient>();
  /** When each was last known to be alive. */
  const answers = new WeakMap<PostgresClient, number>();
  /** Kept from others for a moment. */
  const held: PostgresClient[] = [];
  let expired = -1;
  /** Which attempt to make more is under way; one that the database did not answer is left to itself. */
  let growth: symbol | undefined;

  async function take(): Promise<PostgresClient> {
    for (;;) {
      const client = await pool.connect().catch((error: unknown) => {
        throw new Lost(error);
      });
      listenTo(client);
      if ((answers.get(client) ?? expired) >= expired) return client;
      discard(client);
    }
  }

  function count(): void {
    onCount(Math.min(alive.size - held.length, size));
  }

  function forget(client: PostgresClient): void {
    if (alive.delete(client)) count();
  }

  function putBack(client: PostgresClient): void {
    answers.set(client, performance.now());
    client.release();
    if (alive.has(client)) return;
    alive.add(client);
    client.on("end", () => forget(client));
    count();
  }

  async function add(client: PostgresClient, limit: Limit): Promise<void> {
    limit.tidy = () => discard(client);
    try {
      await prime(client);
    } catch (error) {
      discard(client);
      throw error;
    }
    if (!limit.over()) putBack(client);
  }

  /** The pool gives what it has, so whatever is free is held for a moment, until nothing is and it makes a new one. */
  async function makeOne(limit: Limit): Promise<void> {
    let isOver = false;
    const letGo = (): void => {
      isOver = true;
      for (const client of held.splice(0)) putBack(client);
      count();
    };
    const timer = setTimeout(letGo, holdTime);
    let client = await take();
    while (alive.has(client) && !isOver) {
      held.push(client);
      count();
      client = await take();
    }
    clearTimeout(timer);
    letGo();
    if (limit.over() || alive.has(client)) {
      client.release();
      await sleep(pause);
    } else await add(client, limit);
  }

  async function grow(): Promise<void> {
    if (growth !== undefined) return;
    const mine = Symbol();
    growth = mine;
    while (growth === mine && isWanted() && alive.size < size) {
      const asked = performance.now();
      await withLimit(makeLimit, late, makeOne).catch(async (error: unknown) => {
        onLoss(error, asked);
        await sleep(isCrowded(error) ? crowdPause : pause);
      });
    }
    if (growth === mine) growth = undefined;
  }

  return {
    take,
    takeOut: async () => {
      const client = await take();
      forget(client);
      return client;
    },
    putBack,
    expire: () => {
      expired = performance.now();
      growth = undefined;
      alive.clear();
      count();
    },
    grow: () => void grow(),
    warm: async (wanted) => {
      const taken = await Promise.allSettled(Array.from({ length: wanted }, take));
      const fresh = taken.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
      await Promise.allSettled(
        fresh.map((client) => withLimit(makeLimit, late, (limit) => add(client, limit))),
      );
    },
  };
}

function late(): Error {
  return new Error("no connection in time");
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
