import type { Stats } from "latchkey";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** The metrics of this process, made from what the library counts whenever somebody reads them. */
export interface MetricsRegistry {
  readonly contentType: string;
  read(): Promise<string>;
}

export function makeRegistry(stats: () => Stats): MetricsRegistry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const counter = (name: string, help: string, read: (now: Stats) => number): void => {
    new Counter({
      ...{ name, help, registers },
      collect() {
        this.reset();
        this.inc(read(stats()));
      },
    });
  };
  const gauge = (name: string, help: string, read: (now: Stats) => number): void => {
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(read(stats()));
      },
    });
  };
  new Counter({
    name: "latchkey_checks_total",
    help: "Checks of credentials, by strategy and outcome.",
    labelNames: ["strategy", "outcome"],
    registers,
    collect() {
      this.reset();
      for (const { strategy, outcome, count } of stats().checks)
        this.inc({ strategy: strategy ?? "none", outcome }, count);
    },
  });
  counter("latchkey_cache_hits_total", "Checks answered from what is remembered.", ({ cache }) => cache.hits);
  counter("latchkey_cache_misses_total", "Checks that were not.", ({ cache }) => cache.misses);
  gauge("latchkey_cache_entries", "Credentials that are remembered.", ({ cache }) => cache.size);
  counter("latchkey_stale_total", "Checks that found what is known too old.", ({ stale }) => stale);
  counter("latchkey_replica_resets_total", "Times the change log was read anew.", ({ resets }) => resets);
  gauge(
    "latchkey_replica_lag_seconds",
    "Time since what is known was proven to be all; -1: it is not.",
    ({ replica }) => (replica.age === null ? -1 : replica.age / 1000),
  );
  gauge(
    "latchkey_replica_sessions",
    "Sessions that something is known of.",
    ({ replica }) => replica.sessions,
  );
  gauge("latchkey_replica_bytes", "Bytes of that.", ({ replica }) => replica.bytes);
  gauge("latchkey_watched_connections", "Open connections that are watched.", ({ watched }) => watched);
  gauge("latchkey_hashes_running", "Passwords being hashed.", ({ hashing }) => hashing?.running ?? 0);
  gauge("latchkey_hashes_waiting", "Passwords that wait for it.", ({ hashing }) => hashing?.waiting ?? 0);
  return {
    contentType: registry.contentType,
    read: async () => `${await registry.metrics()}\n${latencyOf(stats())}`,
  };
}

/** A histogram that is counted elsewhere; prom-client's counts for itself. */
function latencyOf({ latency }: Stats): string {
  const name = "latchkey_revocation_latency_seconds";
  const buckets = latency.buckets.reduce<{ lines: string[]; sum: number }>(
    ({ lines, sum }, { bound, count }) => ({
      lines: [...lines, `${name}_bucket{le="${bound / 1000}"} ${sum + count}`],
      sum: sum + count,
    }),
    { lines: [], sum: 0 },
  );
  return [
    `# HELP ${name} Time from a change to its being known here.`,
    `# TYPE ${name} histogram`,
    ...buckets.lines,
    `${name}_bucket{le="+Inf"} ${latency.count}`,
    `${name}_sum ${latency.sum / 1000}`,
    `${name}_count ${latency.count}`,
    "",
  ].join("\n");
}
