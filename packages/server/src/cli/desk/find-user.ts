import type { AuthApi, PublicUser, Refusal } from "latchkey";
import type { Answer } from "../output/print.ts";
import type { Desk } from "./command.ts";

/** Does the work for the user of that id or e-mail address, if there is one. */
export async function withUser(
  { api }: Pick<Desk, "api">,
  given: string,
  work: (user: PublicUser) => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  const user = await findUser(api, given);
  return user === undefined ? { ok: false, code: "user_not_found" } : work(user);
}

/** By id first: an id may be any text, also one that looks like an address. */
export async function findUser(api: AuthApi, given: string): Promise<PublicUser | undefined> {
  const text = given.trim();
  const byId = await api.getUser({ userId: text });
  return byId ?? (text.includes("@") ? api.getUser({ email: text }) : undefined);
}

/** A user in a sentence. */
export function nameOf({ email, id }: PublicUser): string {
  return email ?? id;
}
