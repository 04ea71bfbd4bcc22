import { latch, requireAuth } from "../../lib/auth";
import { makeEditor } from "../actions";

export default async function Admin() {
  await requireAuth({ role: "admin" });
  const users = await latch.api.listUsers();
  return (
    <main>
      <h1>Administration</h1>
      <ul>
        {users.map(({ id, email, roles }) => (
          <li key={id}>
            {email} ({roles.join(", ") || "no roles"})
            {roles.length === 0 && (
              <form action={makeEditor}>
                <input type="hidden" name="userId" value={id} />
                <button type="submit">Make {email} an editor</button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </main>
  );
}
