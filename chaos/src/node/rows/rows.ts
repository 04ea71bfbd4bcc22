/** A session's row as it stands in the store, with what matters here by name. */
export interface SessionRow {
  readonly generation: number;
  readonly rotatedAt: number;
  readonly data: string;
  readonly version: number;
  readonly epoch: number;
  readonly endedAt: number | null;
  readonly endReason: string | null;
  readonly diesAt: number;
  /** Everything else, where a row cannot be written in part. */
  readonly rest?: readonly unknown[];
}

/** Rows that are read and written without a condition: what a store must not do. */
export interface SessionRows {
  get(id: string): Promise<SessionRow | undefined>;
  set(id: string, row: SessionRow): Promise<void>;
}
