import { z } from "zod";
import { LatchkeyError, type Refusal, refuse } from "../../../errors.ts";
import type { ExternalUser, NewExternalUser, UsersPort } from "../../../types.ts";
import { canonicalEmail } from "../../email.ts";
import { checkName, checkRoles, isPrintable } from "../../text.ts";
import type { AccountVerb } from "../accounts.ts";
import { askPort } from "./ask.ts";

/** The application's own table as the rest of this folder sees it: what it answers has been looked at. */
export interface ExternalTable {
  lacks(verb: AccountVerb): Refusal | undefined;
  findByEmail(email: string): Promise<ExternalUser | undefined>;
  findById(id: string): Promise<ExternalUser | undefined>;
  checkPassword(id: string | null, password: string): Promise<boolean>;
  createUser(account: NewExternalUser): Promise<{ readonly id: string } | "email_taken">;
  changePassword(id: string, current: string, next: string): Promise<boolean>;
  setName(id: string, name: string | null): Promise<unknown>;
  deleteUser(id: string): Promise<unknown>;
}

const id = z.string().min(1).max(200).refine(isPrintable, "expected printable characters");
const roles = z.array(z.string()).refine((list) => checkRoles(list) === undefined, "expected names of roles");

/** What is not said counts as left out; what is said in another way than agreed is a fault, and lets nobody in. */
const user = z
  .object({
    id,
    email: z.string().nullish(),
    name: z.string().nullish(),
    roles: roles.optional(),
    status: z.enum(["active", "banned"]).optional(),
  })
  .nullish();

const created = z.union([z.literal("email_taken"), z.object({ id })]);

/** Looks at whatever the application's port answers. */
export function openTable(port: UsersPort): ExternalTable {
  const ask = askPort(port);
  const find = async (by: "findById" | "findByEmail", key: string): Promise<ExternalUser | undefined> => {
    const found = read(by, user, await ask(by, key));
    return found ? tidy(found) : undefined;
  };
  return {
    lacks: (verb) => (typeof port[verb] === "function" ? undefined : refuse("kept_elsewhere")),
    async findByEmail(email) {
      const found = await find("findByEmail", email);
      // A table may take é for e, or know second addresses: then each spelling would have guesses of its own.
      return found?.email === email ? found : undefined;
    },
    async findById(wanted) {
      const found = await find("findById", wanted);
      if (found !== undefined && found.id !== wanted) throw fault("findById", "id: another than asked for");
      return found;
    },
    checkPassword: async (...input) =>
      read("checkPassword", z.boolean(), await ask("checkPassword", ...input)),
    createUser: async (account) => read("createUser", created, await ask("createUser", account)),
    changePassword: async (...input) =>
      read("changePassword", z.boolean(), await ask("changePassword", ...input)),
    setName: (...input) => ask("setName", ...input),
    deleteUser: (userId) => ask("deleteUser", userId),
  };
}

/** Names what is wrong with an answer; never its values. */
function read<Answer>(method: keyof UsersPort, shape: z.ZodType<Answer>, answer: unknown): Answer {
  const parsed = shape.safeParse(answer);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw fault(method, `${issue?.path.join(".") || "answer"}: ${issue?.message ?? "not as agreed"}`);
}

function fault(method: keyof UsersPort, what: string): LatchkeyError {
  return new LatchkeyError("cannot_tell", `users.${method} answered otherwise than agreed: ${what}`);
}

/** The address in its canonical spelling; what is no address, or no name that can be shown, is none. */
function tidy({ id: userId, email, name, roles: given, status }: Found): ExternalUser {
  const shown = typeof name === "string" && checkName(name) === undefined ? name : null;
  return { id: userId, email: canonicalEmail(email ?? "") ?? null, name: shown, roles: given, status };
}

type Found = NonNullable<z.infer<typeof user>>;
