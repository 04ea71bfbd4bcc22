import { type Auth, latchkey } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";
import { expect, onTestFinished, test } from "vitest";
import { plainHasher } from "../../support/plain-hasher.ts";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, secret, signUp } from "../../support/stage.ts";
import { makeFolder } from "../store/folder.ts";

/** One process over the file; several over one file know of each other only what it says. */
async function startOn(file: string): Promise<Auth> {
  const auth = latchkey({
    secret,
    store: sqliteStore(file),
    clients: {
      denylist: { transport: "bearer", strategy: "jwt-denylist" },
      live: { transport: "bearer", strategy: "jwt-live" },
    },
    rateLimit: false,
    passwords: { hasher: plainHasher() },
  });
  await auth.start();
  onTestFinished(() => auth.close());
  return auth;
}

/** What an older copy of the database lacks. */
function loseSession(file: string, id: string): void {
  const database = new Database(file, { timeout: 1000 });
  database.prepare("delete from latchkey_sessions where id = ?").run(id);
  database.close();
}

test.each(["denylist", "live"])(
  "signing out of a session that the store has lost (%s) holds, also in a process that starts later (P13)",
  async (client) => {
    const { file, remove } = makeFolder();
    onTestFinished(remove);
    const auth = await startOn(file);
    const signedIn = await signUp(auth, "ann@example.com", client);
    const request = bearerRequest(credentialOf(signedIn));
    loseSession(file, signedIn.session.id);
    expect(await auth.authenticate(request)).toMatchObject({ ok: true });
    expect(await auth.api.signOut(request)).toMatchObject({ ok: true });
    expect(await auth.authenticate(request)).toMatchObject({ ok: false, code: "session_ended" });
    const later = await startOn(file);
    expect(await later.authenticate(request)).toMatchObject({ ok: false, code: "session_ended" });
  },
);
