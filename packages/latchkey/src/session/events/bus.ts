import type { StrategyContext } from "../../strategy/strategy.ts";
import type { AuditEntry, AuthEvent, AuthEvents, EventType, Logger } from "../../types.ts";
import { callOut } from "./call-out.ts";

/** Tells the application what happens. */
export interface EventBus extends AuthEvents {
  /** For what a step of the store wrote down. */
  readonly emit: (entry: AuditEntry) => void;
  /** For what no step wrote down: writes it into the audit log, off the path of the answer. */
  readonly record: (entry: AuditEntry) => void;
}

/** A listener that fails is logged; it delays and breaks nothing. */
export function makeEventBus(
  { store, clock, background }: Pick<StrategyContext, "store" | "clock" | "background">,
  logger: Logger | undefined,
): EventBus {
  const listeners = new Map<EventType | "*", Set<(event: AuthEvent) => unknown>>();
  const emit = (entry: AuditEntry): void => {
    const event: AuthEvent = Object.freeze({ ...entry, at: clock() });
    for (const listener of [...(listeners.get(entry.type) ?? []), ...(listeners.get("*") ?? [])]) {
      tell(listener, event, logger);
    }
  };
  return {
    emit,
    record(entry) {
      background(store.appendAudit(entry), "writing the audit log");
      emit(entry);
    },
    on(type, listener) {
      const own = listeners.get(type) ?? new Set();
      listeners.set(type, own.add(listener));
      return () => void own.delete(listener);
    },
  };
}

function tell(listener: (event: AuthEvent) => unknown, event: AuthEvent, logger: Logger | undefined): void {
  const failed = (error: unknown): void =>
    logger?.error({ err: error, event: event.type }, "an event listener failed");
  callOut(() => listener(event), failed);
}
