import type { Command } from "commander";
import type { PublicUser, Refusal } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "../desk/command.ts";
import { nameOf, withUser } from "../desk/find-user.ts";
import { type ConfirmFlags, confirm, requireYes } from "../input/confirm.ts";
import type { Answer } from "../output/print.ts";
import { counted } from "../output/text.ts";

const examples = `latchkey users remove ada@example.com          asks first
latchkey users remove ada@example.com --yes    for scripts`;

/** `latchkey users remove` */
export function addRemove(users: Command): void {
  const command = users
    .command("remove")
    .description("delete a user and end everything of theirs; cannot be undone")
    .argument("<id|email>", "id or e-mail address")
    .option("-y, --yes", "do not ask");
  ofServer(command, examples).action(async (given: string, flags: DeskFlags & ConfirmFlags) => {
    requireYes("users remove", flags);
    await administer(flags, (desk) => withUser(desk, given, (user) => remove(desk, user, flags)));
  });
}

async function remove({ api, call }: Desk, user: PublicUser, flags: ConfirmFlags): Promise<Answer | Refusal> {
  await confirm(`Remove ${nameOf(user)} (${user.id}) and everything of theirs?`, flags);
  const removed = await api.removeUser({ userId: user.id }, call);
  if (!removed.ok) return removed;
  const text = `Removed ${nameOf(user)}: ${counted(removed.revoked)} ended.`;
  return { ok: true, json: { revoked: removed.revoked }, text };
}
