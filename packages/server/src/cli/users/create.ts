import { type Command, Option } from "commander";
import type { Refusal } from "latchkey";
import { administer, type Desk, type DeskFlags, ofServer } from "../desk/command.ts";
import { nameOf } from "../desk/find-user.ts";
import { readPassword, refusePassword, requirePasswordSource } from "../input/password.ts";
import { collect } from "../input/values.ts";
import type { Answer } from "../output/print.ts";
import { userJson } from "../output/text.ts";

interface CreateFlags extends DeskFlags {
  readonly email: string;
  readonly name?: string;
  readonly role?: readonly string[];
  readonly passwordStdin?: boolean;
}

const examples = `latchkey users create --email ada@example.com --name Ada     asks for the password
latchkey users create --email ada@example.com --role admin --role editor
latchkey users create --email ada@example.com --password-stdin < password.txt`;

/** `latchkey users create` */
export function addCreate(users: Command): void {
  const command = users
    .command("create")
    .description("make a user; the password is asked for, or read from standard input")
    .requiredOption("--email <address>", "e-mail address to sign in with")
    .option("--name <name>", "name to show")
    .option("--role <role>", "role; may be given several times", collect)
    .option("--password-stdin", "read the password from standard input")
    .addOption(new Option("--password <password>").argParser(refusePassword).hideHelp());
  ofServer(command, examples).action(async (flags: CreateFlags) => {
    requirePasswordSource(flags.passwordStdin ?? false);
    await administer(flags, (desk) => create(desk, flags));
  });
}

async function create({ api, call }: Desk, { email, name, role }: CreateFlags): Promise<Answer | Refusal> {
  const password = await readPassword();
  const made = await api.createUser({ email, password, name, roles: role }, call);
  if (!made.ok) return made;
  const { user } = made;
  const roles = user.roles.length === 0 ? "" : `, roles ${user.roles.join(", ")}`;
  return { ok: true, json: { user: userJson(user) }, text: `Made ${nameOf(user)}, id ${user.id}${roles}.` };
}
