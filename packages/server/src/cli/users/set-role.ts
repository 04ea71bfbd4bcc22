import type { Command } from "commander";
import type { PublicUser, Refusal } from "latchkey";
import { mistake } from "../../start-error.ts";
import { administer, type Desk, type DeskFlags, ofServer } from "../desk/command.ts";
import { nameOf, withUser } from "../desk/find-user.ts";
import type { Answer } from "../output/print.ts";
import { userJson } from "../output/text.ts";

interface SetRoleFlags extends DeskFlags {
  readonly none?: boolean;
}

const examples = `latchkey users set-role ada@example.com admin editor     these two, and no others
latchkey users set-role ada@example.com --none           no role at all`;

/** `latchkey users set-role` */
export function addSetRole(users: Command): void {
  const command = users
    .command("set-role")
    .description("set the roles of a user, in place of those they have")
    .argument("<id|email>", "id or e-mail address")
    .argument("[roles...]", "all the roles they are to have")
    .option("--none", "take every role away");
  ofServer(command, examples).action(async (given: string, roles: string[], flags: SetRoleFlags) => {
    if ((roles.length === 0) !== (flags.none ?? false)) {
      const shown = roles.length === 0 ? "missing" : "given together with --none";
      throw mistake("The list of roles", shown, "name all roles the user is to have, or use --none.");
    }
    await administer(flags, (desk) => withUser(desk, given, (user) => setRole(desk, user, roles)));
  });
}

async function setRole(
  { api, call }: Desk,
  { id }: PublicUser,
  roles: readonly string[],
): Promise<Answer | Refusal> {
  const result = await api.setRole({ userId: id, roles }, call);
  if (!result.ok) return result;
  const { user } = result;
  const held = user.roles.length === 0 ? "no role" : user.roles.join(", ");
  return { ok: true, json: { user: userJson(user) }, text: `${nameOf(user)} has ${held}.` };
}
