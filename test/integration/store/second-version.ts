import Database from "libsql";
import { madeAt, makeFirstVersion } from "./first-version.ts";

/** The statements of the second migration, as they were released, on the rows of the first version. */
const statements = [
  "alter table latchkey_meta add column keys_version bigint not null default 0",
  "update latchkey_meta set keys_version = (select count(*) from latchkey_keys)",
  "alter table latchkey_users add column search_text text not null default ''",
  "update latchkey_users set search_text = id || char(10) || coalesce(email, '') || char(10)",
  "create index latchkey_users_by_creation on latchkey_users (created_at, id)",
  "alter table latchkey_sessions add column generation bigint not null default 0",
  "alter table latchkey_sessions add column rotated_at bigint not null default 0",
  "alter table latchkey_sessions add column refresh_salt text",
  "alter table latchkey_sessions add column rotation_key text",
  "update latchkey_sessions set rotated_at = created_at",
  "alter table latchkey_keys add column activates_at bigint not null default 0",
  "alter table latchkey_keys add column retires_at bigint",
  "update latchkey_keys set activates_at = created_at",
  "create table latchkey_audit_head (id bigint primary key check (id = 1), newest bigint not null)",
  "insert into latchkey_audit_head (id, newest) values (1, 0)",
  `create table latchkey_audit (
    id bigint primary key, type text not null, at bigint not null, actor_id text, user_id text,
    session_id text, client text, ip text, user_agent text, detail text not null)`,
  "create index latchkey_audit_by_user on latchkey_audit (user_id, id)",
  "insert into latchkey_schema values (2)",
  `insert into latchkey_audit values (1, 'signed_in', ${madeAt}, 'ann', 'ann', 'live', 'web', null, null, '{}')`,
  "update latchkey_audit_head set newest = 1",
];

/** Writes a database of version 2 with rows in it. */
export function makeSecondVersion(file: string): void {
  makeFirstVersion(file);
  const database = new Database(file);
  for (const text of statements) database.exec(text);
  database.close();
}
