import { sql } from "kysely";
import type { UserQuery, UserRecord } from "../../../../types.ts";
import { searchPatterns } from "../../../rules/search.ts";
import { toUser } from "../../rows/user.ts";
import { all, type Scope, type Script } from "../../script.ts";
import { banned, holding } from "./conditions.ts";

export function* listUsers({ db, now }: Scope, query: UserQuery): Script<readonly UserRecord[]> {
  const { search, role, status, after, limit } = query;
  const [id, rest] = searchPatterns(search ?? "");
  // Of who was deleted there is no place in the list: then the comparison is not true of anybody.
  const place = db
    .selectFrom("latchkey_users")
    .select(["created_at", "id"])
    .where("id", "=", after ?? "");
  const found = db
    .selectFrom("latchkey_users")
    .selectAll()
    .$if(after !== undefined, (it) => it.where(sql<boolean>`(created_at, id) < ${place}`))
    .$if(search !== undefined, (it) =>
      it.where(sql<boolean>`(search_text like ${id} escape '\\' or search_text like ${rest} escape '\\')`),
    )
    .$if(role !== undefined, (it) => it.where(holding(role ?? "")))
    .$if(status === "banned", (it) => it.where(banned(now)))
    .$if(status === "active", (it) => it.where((eb) => eb.not(banned(now)(eb))));
  const newestFirst = found.orderBy("created_at", "desc").orderBy("id", "desc");
  return (yield* all(newestFirst.limit(Math.max(limit, 0)))).map(toUser);
}
