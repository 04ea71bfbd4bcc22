import type { Command } from "commander";
import type { AuthApi, PublicUser } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "../desk/command.ts";
import { withUser } from "../desk/find-user.ts";
import type { Answer } from "../output/print.ts";
import { aligned } from "../output/table.ts";
import { isoTime, shownTime, userJson } from "../output/text.ts";

const examples = `latchkey users show ada@example.com
latchkey users show ada@example.com --json`;

/** `latchkey users show` */
export function addShow(users: Command): void {
  const command = users
    .command("show")
    .description("one user, and why they are banned if they are")
    .argument("<id|email>", "id or e-mail address");
  ofServer(command, examples).action((given: string, flags: DeskFlags) =>
    administer(flags, (desk) => withUser(desk, given, (user) => show(desk, user))),
  );
}

async function show({ api }: Desk, user: PublicUser): Promise<Answer> {
  const ban = user.status === "banned" ? await latestBan(api, user.id) : null;
  const { id, email, name, roles, status, createdAt } = user;
  const about = [
    ["id", id],
    ["email", email],
    ["name", name],
    ["roles", roles.join(", ")],
    ["status", status],
    ["created", shownTime(createdAt)],
  ];
  return {
    ok: true,
    json: { user: userJson(user), ban: ban && { ...ban, until: ban.until && isoTime(ban.until) } },
    text: aligned([...about, ...(ban === null ? [] : rowsOf(ban))]),
  };
}

interface Ban {
  /** null: without end. */
  readonly until: number | null;
  readonly reason: string | null;
}

function rowsOf({ until, reason }: Ban): readonly (readonly (string | null)[])[] {
  return [
    ["until", until === null ? "without end" : shownTime(until)],
    ["reason", reason],
  ];
}

/** As its entry in the audit log says; null: there is none of a ban that came from outside. */
async function latestBan(api: AuthApi, userId: string): Promise<Ban | null> {
  const [entry] = await api.listEvents({ userId, type: "user_banned", limit: 1 });
  if (entry === undefined) return null;
  const { until, reason } = entry.detail;
  return {
    until: typeof until === "number" ? until : null,
    reason: typeof reason === "string" ? reason : null,
  };
}
