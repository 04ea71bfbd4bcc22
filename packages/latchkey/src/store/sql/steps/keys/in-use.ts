import type { Expression, ExpressionBuilder, SqlBool } from "kysely";
import type { Schema } from "../../schema.ts";

/** The condition that a key is not retired, as `isRetired` puts it. */
export function inUse(now: number): (eb: ExpressionBuilder<Schema, "latchkey_keys">) => Expression<SqlBool> {
  return (eb) => eb.or([eb("retires_at", "is", null), eb("retires_at", ">", now)]);
}
