// A process of its own that uses the built library on the same database. Arguments: role, URL.
import { randomBytes } from "node:crypto";
import { postgresStore } from "latchkey/postgres";
import pg from "pg";

const [role, url] = process.argv.slice(2);
const id = () => randomBytes(16).toString("base64url");
const tell = (message) => process.send(message);
const heard = () => new Promise((resolve) => process.once("message", resolve));

function newUser() {
  const own = id();
  return { id: own, email: `${own}@example.test`, name: null, roles: [], passwordHash: "$hash" };
}

function newSession() {
  const device = { client: "web", amr: ["pwd"], ip: null, userAgent: null };
  return { ...device, id: id(), tokenHash: null, expiresIn: 3600, idleTimeout: null, refreshSalt: null };
}

/** Asks again, as a client would, while the store cannot tell. */
async function patiently(call) {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error.code !== "cannot_tell") throw error;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

const key = { purpose: "session", algorithm: "HS256", sealed: "sealed", publicJwk: null };

const roles = {
  /** Starts on each schema that it is told, makes a user there, and says what it found. */
  async start() {
    tell("ready");
    for (;;) {
      const { schema } = await heard();
      if (schema === undefined) return;
      const store = postgresStore(url, { schema });
      await store.start();
      const user = newUser();
      await store.createUser(user);
      const added = await store.addFirstKey({ ...key, id: id() });
      const { life } = await store.readLeases(null);
      await store.close();
      tell({ user: user.id, added, life });
    }
  },

  /** Signs people up as fast as it can, and names each once it was told that it is done. */
  async load() {
    const store = postgresStore(url);
    await store.start();
    for (;;) {
      // Anew each time: whether one was made whose answer did not come, nobody knows.
      const opened = await patiently(() =>
        store.openSession({
          user: { create: newUser() },
          session: newSession(),
          replaces: null,
          limit: null,
          audit: null,
        }),
      );
      if (opened.ok) tell({ user: opened.user.id, session: opened.session.id });
    }
  },

  /** Signs one user in, again and again, with the epoch given, until it is refused. */
  async signIn() {
    const store = postgresStore(url);
    await store.start();
    tell("ready");
    const user = await heard();
    const opened = [];
    for (;;) {
      const session = newSession();
      const answer = await patiently(() =>
        store.openSession({ user, session, replaces: null, limit: null, audit: null }),
      );
      if (!answer.ok) {
        tell({ opened, code: answer.code });
        return store.close();
      }
      opened.push(session.id);
    }
  },

  /** Signs a user in, and stands still before it writes the session. */
  async stop() {
    class Stopping extends pg.Client {
      async query(query) {
        if (query.text?.startsWith('insert into "latchkey_sessions"')) process.kill(process.pid, "SIGSTOP");
        return super.query(query);
      }
    }
    const store = postgresStore(new pg.Pool({ connectionString: url, Client: Stopping }));
    await store.start();
    tell("ready");
    const user = await heard();
    await store
      .openSession({ user, session: newSession(), replaces: null, limit: null, audit: null })
      .catch(() => undefined);
  },

  /** Adds so many changes to the log, eight at a time, each of a session that it names. */
  async append() {
    const store = postgresStore(url);
    await store.start();
    tell("ready");
    const { count, name } = await heard();
    let next = 0;
    const work = async () => {
      for (let i = next++; i < count; i = next++) {
        const userId = `${name}-${i}`;
        await patiently(() => store.createUser({ ...newUser(), id: userId }));
        await patiently(() => store.setRoles(userId, ["r"]));
      }
    };
    await Promise.all(Array.from({ length: 4 }, work));
    tell("done");
    await store.close();
  },

  /** Follows the log from its beginning until it has seen so many changes; says which, as their users' numbers. */
  async follow() {
    const store = postgresStore(url);
    await store.start();
    let page = await store.readChanges({ after: null, limit: 1, waitMs: 0, lease: null });
    tell("ready");
    const { count } = await heard();
    // A process that does nothing but follow the log may end.
    const staying = setInterval(() => undefined, 1000);
    const seen = [];
    const note = ({ changes }) => {
      for (const { change } of changes) seen.push(change.userId);
    };
    note(page);
    const lease = { id: id(), node: "follower", duration: 2450, accepts: false };
    let quiet = 0;
    // If nothing has come for long, one was missed: then it tells what it has.
    for (let counter = 1; seen.length < count && quiet < 40; counter++) {
      const input = { after: page.position, limit: 200, waitMs: 500, lease: { ...lease, counter } };
      page = await patiently(() => store.readChanges(input));
      if (page.reset) throw new Error("reset");
      quiet = page.changes.length === 0 ? quiet + 1 : 0;
      note(page);
    }
    tell({ seen });
    clearInterval(staying);
    await store.close();
  },
};

await roles[role]();
process.disconnect();
