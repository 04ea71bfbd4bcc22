import type { Command } from "commander";
import type { PublicUser, Refusal } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "../desk/command.ts";
import { nameOf, withUser } from "../desk/find-user.ts";
import { type Duration, readDuration, readReason } from "../input/values.ts";
import type { Answer } from "../output/print.ts";
import { counted, userJson } from "../output/text.ts";

interface BanFlags extends DeskFlags {
  readonly reason?: string;
  readonly for?: Duration;
}

const banExamples = `latchkey users ban ada@example.com                          without end
latchkey users ban ada@example.com --for 30d --reason spam`;

/** `latchkey users ban` */
export function addBan(users: Command): void {
  const command = users
    .command("ban")
    .description("ban a user, for a while or without end, and end every session of theirs")
    .argument("<id|email>", "id or e-mail address")
    .option("--reason <text>", "kept with the ban and in the audit log", readReason)
    .option("--for <duration>", "e.g. 45m, 2h, 30d or 6w (default: without end)", readDuration);
  ofServer(command, banExamples).action((given: string, flags: BanFlags) =>
    administer(flags, (desk) => withUser(desk, given, (user) => ban(desk, user, flags))),
  );
}

async function ban({ api, call }: Desk, user: PublicUser, flags: BanFlags): Promise<Answer | Refusal> {
  const { reason, for: duration } = flags;
  const banned = await api.banUser({ userId: user.id, reason, expiresIn: duration?.seconds }, call);
  if (!banned.ok) return banned;
  const period = duration === undefined ? "" : ` for ${duration.text}`;
  const text = `Banned ${nameOf(user)}${period}: ${counted(banned.revoked)} ended.`;
  return { ok: true, json: { revoked: banned.revoked }, text };
}

/** `latchkey users unban` */
export function addUnban(users: Command): void {
  const command = users
    .command("unban")
    .description("lift a ban; sessions that it ended stay ended")
    .argument("<id|email>", "id or e-mail address");
  ofServer(command, "latchkey users unban ada@example.com").action((given: string, flags: DeskFlags) =>
    administer(flags, (desk) => withUser(desk, given, (user) => unban(desk, user))),
  );
}

async function unban({ api, call }: Desk, { id }: PublicUser): Promise<Answer | Refusal> {
  const result = await api.unbanUser({ userId: id }, call);
  if (!result.ok) return result;
  return { ok: true, json: { user: userJson(result.user) }, text: `${nameOf(result.user)} is not banned.` };
}
