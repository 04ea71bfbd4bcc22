import Database from "libsql";

/** The statements of the first migration, as they were released: what a database of version 1 consists of. */
export const statements: readonly string[] = [
  `create table latchkey_meta (
    id bigint primary key check (id = 1), lineage text not null, global_epoch bigint not null)`,
  `create table latchkey_users (
    id text primary key, email text unique, name text, roles text not null, status text not null,
    banned_until bigint, ban_reason text, created_at bigint not null, version bigint not null,
    epoch bigint not null, password_hash text)`,
  `create table latchkey_user_roles (
    user_id text not null, role text not null, primary key (user_id, role))`,
  "create index latchkey_user_roles_by_role on latchkey_user_roles (role)",
  `create table latchkey_sessions (
    id text primary key, user_id text not null, client text not null, created_at bigint not null,
    last_seen_at bigint not null, expires_at bigint not null, idle_timeout bigint, auth_time bigint not null,
    amr text not null, ip text, user_agent text, data text not null, epoch bigint not null,
    user_epoch bigint not null, global_epoch bigint not null, version bigint not null, token_hash text,
    dies_at bigint not null, ended_at bigint, end_reason text)`,
  "create index latchkey_sessions_by_user on latchkey_sessions (user_id) where ended_at is null",
  "create index latchkey_sessions_by_death on latchkey_sessions (dies_at)",
  `create table latchkey_keys (
    id text primary key, purpose text not null, algorithm text not null, sealed text not null,
    public_jwk text, created_at bigint not null)`,
  "create table latchkey_schema (version bigint primary key)",
];

/** When its rows were made. */
export const madeAt = 1_700_000_000_000;

/** Rows as version 1 wrote them: a user with two roles, one banned and without a name, sessions, and two keys. */
export const rows: readonly string[] = [
  "insert into latchkey_schema values (1)",
  "insert into latchkey_meta values (1, 'the lineage of version 1', 1)",
  `insert into latchkey_users values ('ann', 'ann@example.test', 'Änn_Ö', '["admin","editor"]', 'active',
    null, null, ${madeAt}, 3, 2, '$hash')`,
  `insert into latchkey_users values ('bob', null, null, '[]', 'banned', null, 'spam', ${madeAt + 1}, 1, 1, null)`,
  "insert into latchkey_user_roles values ('ann', 'admin'), ('ann', 'editor')",
  `insert into latchkey_sessions values ('live', 'ann', 'web', ${madeAt}, ${madeAt + 7}, ${madeAt + 86_400_000}, 3600,
    ${madeAt}, '["pwd"]', '192.0.2.7', 'Test/1.0', '{"cart":[1]}', 1, 2, 1, 4, 'hash', ${madeAt + 3_600_007}, null, null)`,
  `insert into latchkey_sessions values ('ended', 'bob', 'web', ${madeAt}, ${madeAt}, ${madeAt + 86_400_000}, null,
    ${madeAt}, '[]', null, null, '{}', 1, 0, 1, 0, null, ${madeAt + 5}, ${madeAt + 5}, 'banned')`,
  `insert into latchkey_keys values ('k1', 'session', 'HS256', 'sealed', null, ${madeAt})`,
  `insert into latchkey_keys values ('k2', 'access', 'EdDSA', 'sealed', '{}', ${madeAt + 1})`,
];

/** Writes a database of version 1 with rows in it, in the log mode that it had. */
export function makeFirstVersion(file: string): void {
  const database = new Database(file);
  for (const text of statements) database.exec(text);
  database.exec("pragma journal_mode = wal");
  for (const text of rows) database.exec(text);
  database.close();
}
