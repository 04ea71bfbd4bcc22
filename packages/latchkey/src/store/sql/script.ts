import type { Compilable, Kysely, RawBuilder } from "kysely";
import { LatchkeyError } from "../../errors.ts";
import { isJsonObject } from "../../lib/json.ts";
import type { AuditEntry, Change } from "../../types.ts";
import type { Schema } from "./schema.ts";

/** One statement of a step. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** The step looks at the first row only; a driver may stop there. */
  readonly one: boolean;
}

/** What a driver gives back for a statement: rows as arrays, in the order of `columns`. */
export interface Rows {
  readonly columns: readonly string[];
  readonly values: readonly (readonly unknown[])[];
}

/**
 * A step of the store, written once: it yields its statements and is given their rows. Whoever runs it does so
 * inside one transaction: at a stretch where the driver is synchronous, awaiting each statement where it is not.
 */
export type Script<Result> = Generator<Statement, Result, Rows>;

/** What every step is given. */
export interface Scope {
  /** Builds statements in the dialect of the database; runs none. */
  readonly db: Kysely<Schema>;
  /** The store's clock, read when the transaction had begun. Steps for `check` and `follow` ask for it themselves. */
  readonly now: number;
  readonly asked: Asked;
  /** That of the database found at start. */
  readonly lineage: string;
  /** What is to be told of the step in the audit log. Written when the step is through. */
  readonly audits: AuditEntry[];
  /** What verifiers must know of the step. Written into the log when the step is through, after that. */
  readonly changes: Change[];
}

/**
 * What a statement asks of the database that answers it, so that it is true of the very moment of the answer. Values
 * of its own where the driver knows them already.
 */
export interface Asked {
  /** The store's clock. */
  readonly now: RawBuilder<number>;
  /** Of the row `m` of `latchkey_meta`. To ask a database that does not take the writes is an error. */
  readonly lineage: RawBuilder<string>;
  /** The store's life in positions of the log: the lineage with what changes when another copy takes over. */
  readonly life: RawBuilder<string>;
  /** The same of leases: it changes, too, when those may have been lost and the log was not. */
  readonly leaseLife: RawBuilder<string>;
}

/** What runs steps, each whole or not at all. */
export interface StepRunner {
  /** Runs a step of one statement that writes nothing. */
  read<Result>(step: (scope: Scope) => Script<Result>): Promise<Result>;
  /** The same for the one read of a check, which waits for nothing else. */
  check<Result>(step: (scope: Scope) => Script<Result>): Promise<Result>;
  /**
   * Runs a step in one transaction that excludes others from what it reads. A refusal (`ok: false`) rolls back; one
   * that is `Kept` does not.
   */
  write<Result>(step: (scope: Scope) => Script<Result>): Promise<Result>;
}

/** A refusal that is more than a "no": what its step wrote before it stays. */
export interface Kept<Refused> {
  readonly keep: Refused;
}

/**
 * What a step has read is not so any more, although it had locked it: the database lets others write what was not.
 * Whoever runs the step may begin anew.
 */
export class Overtaken extends LatchkeyError {
  constructor(detail: string) {
    super("cannot_tell", detail);
  }
}

/** A refusal changes nothing, whatever its step had written before it came to it. */
export function isKept(result: unknown): boolean {
  return !(isJsonObject(result) && result.ok === false);
}

/** Runs a statement for all its rows. */
export function* all<Row>(query: Compilable<Row>): Script<readonly Row[]> {
  const { columns, values } = yield statementOf(query, false);
  return values.map((row) => toObject<Row>(columns, row));
}

/** Runs a statement for its first row, if there is one. */
export function* first<Row>(query: Compilable<Row>): Script<Row | undefined> {
  const { columns, values } = yield statementOf(query, true);
  return values[0] && toObject<Row>(columns, values[0]);
}

/** Runs a statement for its effect. */
export function* run(query: Compilable<unknown>): Script<void> {
  yield statementOf(query, false);
}

/** Runs a script where every statement is answered at once. */
export function runScript<Result>(script: Script<Result>, answer: (statement: Statement) => Rows): Result {
  let step = script.next();
  while (step.done !== true) step = script.next(answer(step.value));
  return step.value;
}

/**
 * Names the values of a row. The cast is the one place where the types of a query are believed: they come from
 * `schema.ts`, which describes what `migrations.ts` makes.
 */
export function toObject<Row>(columns: readonly string[], values: readonly unknown[], from = 0): Row {
  const row: { [column: string]: unknown } = {};
  columns.forEach((column, i) => {
    row[column] = values[from + i];
  });
  return row as Row;
}

function statementOf(query: Compilable<unknown>, one: boolean): Statement {
  const { sql, parameters } = query.compile();
  return { sql, parameters, one };
}
