import { cookies } from "next/headers";
import { requireAuth } from "../../lib/auth";

async function setOwn(): Promise<void> {
  "use server";
  await requireAuth();
  (await cookies()).set("own", "1");
}

/** An action that sets a cookie of its own and stays on the page. */
export default async function CookiePage() {
  const { user } = await requireAuth();
  return (
    <form action={setOwn}>
      <p>known as {user.id}</p>
      <button type="submit">Set a cookie</button>
    </form>
  );
}
