import type { Logger } from "../../../types.ts";
import { makeOutage } from "../../sql/outage.ts";
import type { OpenPool } from "../pg/pool.ts";
import { type Breaker, makeBreaker } from "./breaker.ts";
import { type Gate, makeGate } from "./gate.ts";
import { type Lending, makeLending } from "./lending.ts";
import { probe, type Wanted } from "./probe.ts";
import { makeStock, type Stock, type StockOptions } from "./stock.ts";

/** Connections, and what is known of the database at their other end. */
export interface Connections {
  readonly lending: Lending;
  readonly breaker: Breaker;
  /** Resolves once all that were lent are back. */
  settled(): Promise<void>;
}

/** What they need. */
export interface ConnectionsOptions extends OpenPool, Wanted, Pick<StockOptions, "prime"> {
  readonly logger: Logger | undefined;
}

/** Resolves when there are as many connections as a pool keeps. */
export async function openConnections(options: ConnectionsOptions): Promise<Connections> {
  const { name, pool, size, kept, prime, logger } = options;
  const outage = makeOutage({ database: name }, name, logger);
  const breaker: Breaker = makeBreaker({
    name,
    outage,
    probe: () => probe(lending, options),
    onBreak: (error) => {
      stock.expire();
      gate.clear(error);
    },
  });
  const gate: Gate = makeGate({ onCrowd: () => stock.grow(), onLate: breaker.late });
  const { isWanted, resize: onCount } = gate;
  const stock: Stock = makeStock({ pool, size, prime, isWanted, onCount, onLoss: breaker.lost });
  const lending: Lending = makeLending({ name, stock, gate, breaker });
  await stock.warm(kept);
  return { lending, breaker, settled: gate.emptied };
}
