import { requireAuth } from "../../lib/auth";
import { notes } from "../../lib/notes";
import { signOut, writeNote } from "../actions";

export default async function Account() {
  const { user, session, can, load } = await requireAuth();
  const more = await load();
  return (
    <main>
      <h1>{more.ok ? more.user.email : "Your account"}</h1>
      <p>
        You are {user.id}, signed in on {session.createdAt}. Roles: {user.roles.join(", ") || "none"}.
      </p>
      <form action={signOut}>
        <button type="submit">Sign out</button>
      </form>
      <h2>Notes</h2>
      <ul>
        {notes.map(({ id, text }) => (
          <li key={id}>{text}</li>
        ))}
      </ul>
      {can("note:write") ? (
        <form action={writeNote}>
          <input name="text" aria-label="Note" required /> <button type="submit">Write</button>
        </form>
      ) : (
        <p>Only editors write notes.</p>
      )}
    </main>
  );
}
