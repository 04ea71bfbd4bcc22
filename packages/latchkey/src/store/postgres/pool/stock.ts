import { isCrowded, Lost } from "../fault.ts";
import { discard, listenTo, type PostgresClient, type PostgresPool } from "../pg/client.ts";

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
  readonly isWanted: () => boolean;
  /** There are as many now. */
  readonly onCount: (count: number) => void;
  /** One could not be had. */
  readonly onLoss: (error: unknown) => void;
}

/** Pauses in ms, before another one is tried: where the server has none left for us, and after any other failure. */
const [crowdPause, pause] = [1000, 20];
/** How long free connections are kept from others while a new one is asked for, in ms. */
const holdTime = 5;

/**
 * New connections are made beside the work, and nobody waits for one in particular: it takes its time, and another may
 * be free sooner. Nor are many made at once when many are wanted at once: each is a process of the server's.
 */
export function makeStock({ pool, size, isWanted, onCount, onLoss }: StockOptions): Stock {
  const alive = new Set<PostgresClient>();
  /** When each was last known to be alive. */
  const answers = new WeakMap<PostgresClient, number>();
  let expired = -1;
  let growing = false;

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
    onCount(Math.min(alive.size, size));
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

  /** The pool gives what it has, so whatever is free is held for a moment, until nothing is and it makes a new one. */
  async function makeOne(): Promise<void> {
    const held: PostgresClient[] = [];
    const letGo = (): void => {
      for (const client of held.splice(0)) putBack(client);
    };
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      letGo();
    }, holdTime);
    let client = await take();
    while (alive.has(client) && !isOver) {
      held.push(client);
      client = await take();
    }
    clearTimeout(timer);
    letGo();
    const isNew = !alive.has(client);
    putBack(client);
    if (!isNew) await sleep(pause);
  }

  async function grow(): Promise<void> {
    if (growing) return;
    growing = true;
    while (isWanted() && alive.size < size) {
      await makeOne().catch(async (error: unknown) => {
        onLoss(error);
        await sleep(isCrowded(error) ? crowdPause : pause);
      });
    }
    growing = false;
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
      alive.clear();
      count();
    },
    grow: () => void grow(),
    warm: async (wanted) => {
      const taken = await Promise.allSettled(Array.from({ length: wanted }, take));
      for (const one of taken) if (one.status === "fulfilled") putBack(one.value);
    },
  };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
