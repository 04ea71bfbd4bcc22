import { CompiledQuery, type Kysely } from "kysely";
import { LatchkeyError } from "../../errors.ts";
import { searchTextOf } from "../rules/search.ts";
import type { Schema } from "./schema.ts";
import { all, first, run, type Script } from "./script.ts";

/** A statement, or what statements alone cannot do. */
type Migration = string | ((db: Kysely<Schema>) => Script<void>);

/**
 * What leads from each version to the next; the first entry makes version 1. Never edited once released. The words
 * are those that SQLite and Postgres share: `bigint` is SQLite's whole number too.
 */
const migrations: readonly (readonly Migration[])[] = [
  [
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
    // Partial: what has ended is neither listed nor ended again, and in time it is most of the table.
    "create index latchkey_sessions_by_user on latchkey_sessions (user_id) where ended_at is null",
    "create index latchkey_sessions_by_death on latchkey_sessions (dies_at)",
    `create table latchkey_keys (
      id text primary key, purpose text not null, algorithm text not null, sealed text not null,
      public_jwk text, created_at bigint not null)`,
  ],
  [
    "alter table latchkey_meta add column keys_version bigint not null default 0",
    "update latchkey_meta set keys_version = (select count(*) from latchkey_keys)",
    "alter table latchkey_users add column search_text text not null default ''",
    fillSearchText,
    "create index latchkey_users_by_creation on latchkey_users (created_at, id)",
    "alter table latchkey_sessions add column generation bigint not null default 0",
    "alter table latchkey_sessions add column rotated_at bigint not null default 0",
    "alter table latchkey_sessions add column refresh_salt text",
    "alter table latchkey_sessions add column rotation_key text",
    "update latchkey_sessions set rotated_at = created_at",
    "alter table latchkey_keys add column activates_at bigint not null default 0",
    "alter table latchkey_keys add column retires_at bigint",
    "update latchkey_keys set activates_at = created_at",
    // Counts the entries in a row of its own: by a step that is about to end, so that ids rise as steps end.
    "create table latchkey_audit_head (id bigint primary key check (id = 1), newest bigint not null)",
    "insert into latchkey_audit_head (id, newest) values (1, 0)",
    `create table latchkey_audit (
      id bigint primary key, type text not null, at bigint not null, actor_id text, user_id text,
      session_id text, client text, ip text, user_agent text, detail text not null)`,
    "create index latchkey_audit_by_user on latchkey_audit (user_id, id)",
  ],
  [
    "create table latchkey_change_head (id bigint primary key check (id = 1), n bigint not null, tag text not null)",
    "insert into latchkey_change_head (id, n, tag) values (1, 0, '')",
    `create table latchkey_changes (
      n bigint primary key, tag text not null, at bigint not null, body text not null)`,
    `create table latchkey_leases (
      id text primary key, counter bigint not null, n bigint, node text not null, duration bigint not null,
      accepts bigint not null, at bigint not null)`,
    "alter table latchkey_meta add column longest_life bigint not null default 0",
    "alter table latchkey_meta add column longest_life_at bigint not null default 0",
    "alter table latchkey_meta add column longest_lease bigint not null default 0",
    "alter table latchkey_meta add column longest_lease_at bigint not null default 0",
  ],
  [
    "alter table latchkey_users add column external_ban bigint not null default 0",
    "alter table latchkey_users add column external_roles bigint not null default 0",
    "alter table latchkey_meta add column user_floor bigint not null default 0",
  ],
  [
    "alter table latchkey_users add column audiences text not null default '[]'",
    "alter table latchkey_sessions add column audiences text not null default '[]'",
  ],
];

/** The version that this release makes and works with. */
export const schemaVersion: number = migrations.length;

/** The version of the database; 0: no table of ours. To be asked only where the table of versions exists. */
export function* readVersion(db: Kysely<Schema>): Script<number> {
  const row = yield* first(
    db.selectFrom("latchkey_schema").select(({ fn }) => fn.max("version").as("version")),
  );
  return row?.version ?? 0;
}

/**
 * Brings the database to this release's version, in one transaction. Of several processes that start together one
 * does the work; the others come after it and find nothing to do.
 */
export function* migrate(db: Kysely<Schema>, lineage: string): Script<void> {
  yield* run(statement("create table if not exists latchkey_schema (version bigint primary key)"));
  const version = yield* readVersion(db);
  refuseNewer(version);
  for (const [i, steps] of migrations.entries()) {
    if (i < version) continue;
    for (const step of steps) yield* typeof step === "string" ? run(statement(step)) : step(db);
    yield* run(db.insertInto("latchkey_schema").values({ version: i + 1 }));
  }
  if (version > 0) return;
  const marks = { longest_life: 0, longest_life_at: 0, longest_lease: 0, longest_lease_at: 0 };
  const meta = { id: 1, lineage, global_epoch: 0, keys_version: 0, user_floor: 0, ...marks } as const;
  yield* run(db.insertInto("latchkey_meta").values(meta));
}

/** An older release would not know what a newer one has written: it must not touch it. */
export function refuseNewer(version: number): void {
  if (version <= schemaVersion) return;
  const detail = `the database has version ${version}, this release of latchkey knows up to ${schemaVersion}`;
  throw new LatchkeyError("misuse", `${detail}: install the newer release, or open another database`);
}

/** Not in SQL: `lower` there leaves letters beyond ASCII as they are. */
function* fillSearchText(db: Kysely<Schema>): Script<void> {
  const users = yield* all(db.selectFrom("latchkey_users").select(["id", "email", "name"]));
  for (const user of users) {
    const set = { search_text: searchTextOf(user) };
    yield* run(db.updateTable("latchkey_users").set(set).where("id", "=", user.id));
  }
}

function statement(text: string): { compile(): CompiledQuery } {
  return { compile: () => CompiledQuery.raw(text) };
}
