import { type Kysely, sql } from "kysely";
import type { SessionId, SessionRead } from "../../../../types.ts";
import { toSession } from "../../rows/session.ts";
import { toUser } from "../../rows/user.ts";
import type { Schema, SessionsTable, UsersTable } from "../../schema.ts";
import { type Scope, type Script, toObject } from "../../script.ts";
import { checkLineage } from "../locks.ts";

const meta = ["lineage", "global_epoch", "keys_version"] as const;

const session = [
  "id",
  "user_id",
  "client",
  "created_at",
  "last_seen_at",
  "expires_at",
  "idle_timeout",
  "auth_time",
  "amr",
  "ip",
  "user_agent",
  "data",
  "epoch",
  "user_epoch",
  "global_epoch",
  "version",
  "token_hash",
  "generation",
  "rotated_at",
  "refresh_salt",
  "rotation_key",
  "dies_at",
  "ended_at",
  "end_reason",
] as const satisfies readonly (keyof SessionsTable)[];

const user = [
  "id",
  "email",
  "name",
  "roles",
  "status",
  "banned_until",
  "ban_reason",
  "external_ban",
  "external_roles",
  "created_at",
  "version",
  "epoch",
  "password_hash",
] as const satisfies readonly (keyof UsersTable)[];

/** Where each part of the row begins. */
const from = { session: meta.length, user: meta.length + session.length };

/**
 * The one statement of a check. It is compiled once: building it anew would cost more than running it. The row of
 * `latchkey_meta` is always there, so that a look-up that finds nothing still says which database found nothing.
 */
export function compileReadSession(db: Kysely<Schema>): string {
  const columns = [
    ...meta.map((name) => sql.ref(`m.${name}`)),
    ...session.map((name) => sql.ref(`s.${name}`)),
    ...user.map((name) => sql.ref(`u.${name}`)),
  ];
  return sql`select ${sql.join(columns)} from latchkey_meta m
    left join latchkey_sessions s on s.id = ${"id"}
    left join latchkey_users u on u.id = coalesce(s.user_id, ${"user"})`.compile(db).sql;
}

/** Takes the text that `compileReadSession` has made. */
export function* readSession(
  { now, lineage }: Scope,
  text: string,
  id: SessionId,
  userId: string | undefined,
): Script<SessionRead> {
  const { values } = yield { sql: text, parameters: [id, userId ?? null], one: true };
  const row = values[0] ?? [];
  const { global_epoch, keys_version } = checkLineage(toObject<Schema["latchkey_meta"]>(meta, row), lineage);
  return {
    session: row[from.session] === null ? undefined : toSession(toObject(session, row, from.session)),
    user: row[from.user] === null ? undefined : toUser(toObject(user, row, from.user)),
    globalEpoch: global_epoch,
    keysVersion: keys_version,
    now,
  };
}
