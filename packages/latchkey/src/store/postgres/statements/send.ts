import type { Rows } from "../../sql/script.ts";
import { endsConnection, Lost, sqlState } from "../fault.ts";
import type { PostgresClient, PostgresQuery } from "../pg/client.ts";

/** What came back for one statement. */
export interface Answer extends Rows {
  /** The first word of what the server says it did, e.g. `COMMIT`. */
  readonly command: string;
}

const same = (value: string): string => value;
/** Our columns are text and whole numbers, which `pg` would give as text where they are `bigint` (oid 20). */
const parsers: { readonly [oid: number]: (value: string) => unknown } = {
  16: (value) => value === "t",
  20: Number,
  21: Number,
  23: Number,
};
const types: PostgresQuery["types"] = { getTypeParser: (oid) => parsers[oid] ?? same };

/**
 * Sends one statement, or several that have no parameters, and resolves with an answer for each. The one place where
 * a connection is spoken to: an error that does not leave it usable comes as `Lost`.
 */
export async function send(
  client: PostgresClient,
  query: Pick<PostgresQuery, "name" | "text" | "values">,
): Promise<readonly Answer[]> {
  try {
    const result = await client.query({ ...query, rowMode: "array", types });
    return (Array.isArray(result) ? result : [result]).map(toAnswer);
  } catch (error) {
    if (query.name !== undefined && isStale(error)) throw new Unprepared(error);
    throw endsConnection(error) ? new Lost(error) : error;
  }
}

/** What the connection has prepared under a name is gone, or not what it was: another connection has it as it should be. */
export class Unprepared extends Lost {
  /** Whether names are no use here: a pooler has put another server connection behind ours. */
  isLostOnTheWay(): boolean {
    return sqlState(this.cause) !== "0A000";
  }
}

/** No such statement; one of that name; or its tables have been changed by the migrations of a newer release. */
function isStale(error: unknown): boolean {
  const state = sqlState(error);
  // Of what is not supported, this is told apart by the place in the server: messages are in its language.
  if (state === "0A000") return Reflect.get(Object(error), "routine") === "RevalidateCachedQuery";
  return state === "26000" || state === "42P05";
}

/** The same for the last answer of them. */
export async function sendForLast(client: PostgresClient, text: string): Promise<Answer> {
  const answer = (await send(client, { text })).at(-1);
  if (answer === undefined) throw new Lost(new Error("the server answered nothing"));
  return answer;
}

/** The cast is the one place where `pg`'s own form of an answer is believed. */
function toAnswer(result: {
  readonly command: string | null;
  readonly fields: readonly { readonly name: string }[];
  readonly rows: readonly (readonly unknown[])[];
}): Answer {
  return {
    command: result.command ?? "",
    columns: result.fields.map(({ name }) => name),
    values: result.rows,
  };
}
