import { hashed } from "../../node/settings.ts";
import { perform, type World } from "../world.ts";

/** Who signs in, and how many at once. */
const account = { email: "storm@example.com", password: `${hashed} correct horse battery staple` };
const atOnce = 200;

/** C9: many people sign in at once, whose passwords are hashed in earnest. Nothing else is asked of their sessions. */
export async function storm(world: World): Promise<void> {
  const { subject, random } = world;
  const strategy = random.pick(subject.strategies) ?? "";
  const meant = { kind: "sign-in", user: account.email } as const;
  // From the second time on there is such an account already.
  const made = await perform(world, subject.signUp(account, strategy), { ...meant, name: "sign-up, hashed" });
  if (made.outcome !== "done" && made.code !== "email_taken") return;
  const signIns = Array.from({ length: atOnce }, () =>
    perform(world, subject.signIn(account, strategy), { ...meant, name: "sign-in, hashed" }),
  );
  await Promise.all(signIns);
}
