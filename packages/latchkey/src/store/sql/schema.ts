/**
 * The tables as rows come out of them, in SQLite and in Postgres alike: ids and JSON as text, times (milliseconds)
 * and counters as whole numbers.
 */
export interface Schema {
  /** One row for each version that was reached. */
  readonly latchkey_schema: { readonly version: number };
  readonly latchkey_meta: MetaTable;
  readonly latchkey_users: UsersTable;
  readonly latchkey_user_roles: UserRolesTable;
  readonly latchkey_sessions: SessionsTable;
  readonly latchkey_keys: KeysTable;
  readonly latchkey_audit_head: AuditHeadTable;
  readonly latchkey_audit: AuditTable;
  readonly latchkey_change_head: ChangeHeadTable;
  readonly latchkey_changes: ChangesTable;
  readonly latchkey_leases: LeasesTable;
}

/** One row. */
export interface MetaTable {
  readonly id: 1;
  /** Random, made with the tables: tells this database from every other. */
  readonly lineage: string;
  readonly global_epoch: number;
  readonly keys_version: number;
  /** What version and epoch of a user whose id comes back begin with. */
  readonly user_floor: number;
  /** The longest life of an access token, and when somebody last said so. Milliseconds. */
  readonly longest_life: number;
  readonly longest_life_at: number;
  /** The same of a lease. */
  readonly longest_lease: number;
  readonly longest_lease_at: number;
}

export interface UsersTable {
  readonly id: string;
  readonly email: string | null;
  readonly name: string | null;
  /** JSON: the roles in the order in which they were given. */
  readonly roles: string;
  readonly status: "active" | "banned";
  readonly banned_until: number | null;
  readonly ban_reason: string | null;
  readonly external_ban: 0 | 1;
  readonly external_roles: 0 | 1;
  readonly created_at: number;
  readonly version: number;
  readonly epoch: number;
  readonly password_hash: string | null;
  /** JSON. */
  readonly audiences: string;
  /** What a search looks at: see `searchTextOf`. */
  readonly search_text: string;
}

/** The same roles once more, one a row, for the question whether anybody holds one. */
export interface UserRolesTable {
  readonly user_id: string;
  readonly role: string;
}

export interface SessionsTable {
  readonly id: string;
  readonly user_id: string;
  readonly client: string;
  /** To the millisecond: which of two sessions is older. The record shows the whole second, as a JWT does. */
  readonly created_at: number;
  readonly last_seen_at: number;
  readonly expires_at: number;
  readonly idle_timeout: number | null;
  readonly auth_time: number;
  /** JSON. */
  readonly amr: string;
  readonly ip: string | null;
  readonly user_agent: string | null;
  /** JSON. */
  readonly data: string;
  readonly epoch: number;
  readonly user_epoch: number;
  readonly global_epoch: number;
  readonly version: number;
  readonly token_hash: string | null;
  readonly generation: number;
  readonly rotated_at: number;
  readonly refresh_salt: string | null;
  readonly rotation_key: string | null;
  /** When it ended, else the earlier of its two limits: one column to judge by and to purge by. */
  readonly dies_at: number;
  readonly ended_at: number | null;
  readonly end_reason: string | null;
  /** JSON. */
  readonly audiences: string;
}

export interface KeysTable {
  readonly id: string;
  readonly purpose: string;
  readonly algorithm: string;
  readonly sealed: string;
  readonly public_jwk: string | null;
  readonly created_at: number;
  readonly activates_at: number;
  readonly retires_at: number | null;
}

/** One row: the id of the newest entry. */
export interface AuditHeadTable {
  readonly id: 1;
  readonly newest: number;
}

export interface AuditTable {
  readonly id: number;
  readonly type: string;
  readonly at: number;
  readonly actor_id: string | null;
  readonly user_id: string | null;
  readonly session_id: string | null;
  readonly client: string | null;
  readonly ip: string | null;
  readonly user_agent: string | null;
  /** JSON. */
  readonly detail: string;
}

/** One row: the newest entry of the change log. */
export interface ChangeHeadTable {
  readonly id: 1;
  readonly n: number;
  readonly tag: string;
}

/** An entry of the change log: what one step changed. */
export interface ChangesTable {
  readonly n: number;
  readonly tag: string;
  readonly at: number;
  /** JSON: a list of changes. */
  readonly body: string;
}

export interface LeasesTable {
  readonly id: string;
  readonly counter: number;
  /** The entry up to which the node has applied the log; null: of another life of the store. */
  readonly n: number | null;
  readonly node: string;
  readonly duration: number;
  /** 0 or 1. */
  readonly accepts: number;
  readonly at: number;
}
