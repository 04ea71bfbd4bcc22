import type { Command } from "commander";
import type { PublicUser, Refusal } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "../desk/command.ts";
import { findUser } from "../desk/find-user.ts";
import { readLimit, readOneOf } from "../input/values.ts";
import type { Answer } from "../output/print.ts";
import { table } from "../output/table.ts";
import { shownTime, userJson } from "../output/text.ts";

interface ListFlags extends DeskFlags {
  readonly search?: string;
  readonly role?: string;
  readonly status?: "active" | "banned";
  readonly limit?: number;
  readonly after?: string;
}

const examples = `latchkey users list                       the newest 50
latchkey users list --search ada          by part of the address or name
latchkey users list --role admin --status active
latchkey users list --limit 200 --json`;

/** `latchkey users list` */
export function addList(users: Command): void {
  const command = users
    .command("list")
    .description("users, newest first")
    .option("--search <text>", "part of the e-mail address or name, or the whole id")
    .option("--role <role>", "who has this role")
    .option("--status <status>", "active or banned", (text) =>
      readOneOf("--status", text, ["active", "banned"]),
    )
    .option("--limit <n>", "how many at most, 1 to 200 (default: 50)", readLimit)
    .option("--after <id|email>", "the last user of the page before");
  ofServer(command, examples).action((flags: ListFlags) => administer(flags, (desk) => list(desk, flags)));
}

async function list(
  { api }: Desk,
  { search, role, status, limit = 50, after }: ListFlags,
): Promise<Answer | Refusal> {
  const last = after === undefined ? undefined : await findUser(api, after);
  // Nobody comes after somebody who is not there: an empty page would look like the end of the list.
  if (after !== undefined && last === undefined) return { ok: false, code: "user_not_found" };
  const users = await api.listUsers({ search, role, status, limit, after: last?.id });
  const next = users.length < limit ? null : (users.at(-1)?.id ?? null);
  return {
    ok: true,
    json: { users: users.map(userJson), next },
    text: users.length === 0 ? "No users." : tableOf(users),
    note: next === null ? undefined : `More with --after ${next}`,
  };
}

function tableOf(users: readonly PublicUser[]): string {
  return table(
    ["ID", "EMAIL", "NAME", "ROLES", "STATUS", "CREATED"],
    users.map(({ id, email, name, roles, status, createdAt }) => [
      id,
      email,
      name,
      roles.join(", "),
      status,
      shownTime(createdAt),
    ]),
  );
}
