import { equal } from "../../store/contract/stage/assert.ts";
import type { NewExternalUser } from "../../types.ts";
import { aPerson, atOnce, found, type UsersCase } from "./scene.ts";

const email = "ada@example.test";

function anAccount(wanted: Partial<NewExternalUser> = {}): NewExternalUser {
  return { email, name: "Ada", roles: [], password: "correct horse battery staple", ...wanted };
}

/** What the port says of making accounts, where it has `createUser`. */
export const makingCases: readonly UsersCase[] = [
  [
    "createUser makes a user who is found at once, with the password as typed and the roles asked for",
    async ({ users, handles: [, second] }) => {
      if (users.createUser === undefined) return;
      const password = "  Correct horse  ";
      const made = await users.createUser(anAccount({ password, roles: ["editor", "admin"] }));
      if (made === "email_taken") throw new Error("the address is nobody's");
      const user = found(await second.findById(made.id), "by id");
      equal([user.id, user.email, user.name], [made.id, email, "Ada"], "the user");
      if (user.roles !== undefined) equal(user.roles, ["editor", "admin"], "the roles");
      equal(user.status ?? "active", "active", "the status");
      equal(found(await second.findByEmail(email), "by address").id, made.id, "by address");
      equal(await second.checkPassword(made.id, password), true, "the password");
      equal(await second.checkPassword(made.id, password.trim()), false, "another one");
      const nameless = await users.createUser(anAccount({ email: "bob@example.test", name: null }));
      if (nameless === "email_taken") throw new Error("the other address is nobody's");
      equal(found(await users.findById(nameless.id), "the other").name, null, "no name");
    },
  ],
  [
    "createUser answers email_taken if somebody has the address, in whatever spelling, and makes nobody",
    async ({ table, users }) => {
      if (users.createUser === undefined) return;
      const id = await table.add(aPerson({ email: "Ada@Example.test", password: "her own password" }));
      equal(await users.createUser(anAccount()), "email_taken", "the answer");
      equal(found(await users.findByEmail(email), "by address").id, id, "whose it is");
      equal(await users.checkPassword(id, "her own password"), true, "her password");
      equal(await users.checkPassword(id, anAccount().password), false, "the other one");
    },
  ],
  [
    "of many who make an account with one address one does",
    async ({ users, handles }) => {
      const answers = await atOnce(4, handles, (on) => on.createUser?.(anAccount()));
      if (users.createUser === undefined) return;
      equal(answers.filter((it) => it === "email_taken").length, 3, "how many were told that it is taken");
    },
  ],
];
