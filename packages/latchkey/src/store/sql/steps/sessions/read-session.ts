import { type Kysely, sql } from "kysely";
import type { SessionId, SessionRead } from "../../../../types.ts";
import { toSession } from "../../rows/session.ts";
import { toUser } from "../../rows/user.ts";
import type { MetaTable, Schema, SessionsTable, UsersTable } from "../../schema.ts";
import { type Asked, type Scope, type Script, toObject } from "../../script.ts";
import { checkLineage } from "../locks.ts";

const meta = ["lineage", "now", "global_epoch", "keys_version"] as const;

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
  "audiences",
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
  "audiences",
] as const satisfies readonly (keyof UsersTable)[];

/** Where each part of the row begins. */
const from = { session: meta.length, user: meta.length + session.length };

/** What goes into the statement of a check. `now`: where the clock is not the database's. */
interface Values {
  readonly id: SessionId;
  readonly user: string | null;
  readonly now: number;
}

/** The statement, and which value goes where. */
export interface ReadSessionText {
  readonly sql: string;
  readonly parameters: readonly (keyof Values)[];
}

/** Names for values that come later. */
const [id, owner, now] = ["id", "user", "now"] as const satisfies readonly (keyof Values)[];

/**
 * The one statement of a check. It is compiled once: building it anew would cost more than running it. The row of
 * `latchkey_meta` is always there, so that a look-up that finds nothing still says which database found nothing.
 */
export function compileReadSession(
  db: Kysely<Schema>,
  ask: (now: string) => Pick<Asked, "now" | "lineage">,
): ReadSessionText {
  const asked = ask(now);
  const columns = [
    asked.lineage,
    asked.now,
    sql.ref("m.global_epoch"),
    sql.ref("m.keys_version"),
    ...session.map((name) => sql.ref(`s.${name}`)),
    ...user.map((name) => sql.ref(`u.${name}`)),
  ];
  const compiled = sql`select ${sql.join(columns)} from latchkey_meta m
    left join latchkey_sessions s on s.id = ${id}
    left join latchkey_users u on u.id = coalesce(s.user_id, ${owner})
    where m.id = 1`.compile(db);
  return { sql: compiled.sql, parameters: compiled.parameters as (keyof Values)[] };
}

/** Takes the text that `compileReadSession` has made. */
export function* readSession(
  scope: Scope,
  text: ReadSessionText,
  id: SessionId,
  userId: string | undefined,
): Script<SessionRead> {
  const input: Values = { id, user: userId ?? null, now: scope.now };
  const parameters = text.parameters.map((name) => input[name]);
  const { values } = yield { sql: text.sql, parameters, one: true };
  const row = values[0] ?? [];
  const found = checkLineage(toObject<MetaTable & { readonly now: number }>(meta, row), scope.lineage);
  return {
    session: row[from.session] === null ? undefined : toSession(toObject(session, row, from.session)),
    user: row[from.user] === null ? undefined : toUser(toObject(user, row, from.user)),
    globalEpoch: found.global_epoch,
    keysVersion: found.keys_version,
    now: found.now,
  };
}
