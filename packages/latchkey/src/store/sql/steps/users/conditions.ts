import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import type { Schema } from "../../schema.ts";

/** The condition that a ban is in force, as `isBanned` puts it. True or false, never unknown: it may be negated. */
export function banned(
  now: number,
): (eb: ExpressionBuilder<Schema, "latchkey_users">) => Expression<SqlBool> {
  return (eb) =>
    eb.or([
      eb("external_ban", "=", 1),
      eb.and([
        eb("status", "=", "banned"),
        eb.or([eb("banned_until", "is", null), eb("banned_until", ">", now)]),
      ]),
    ]);
}

/** The condition that a user holds the role. */
export function holding(
  role: string,
): (eb: ExpressionBuilder<Schema, "latchkey_users">) => Expression<SqlBool> {
  return (eb) =>
    eb("id", "in", (of) => of.selectFrom("latchkey_user_roles").select("user_id").where("role", "=", role));
}
