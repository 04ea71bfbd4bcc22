// A process of its own that uses the built library on the same file. Arguments: role, file.
import { randomBytes } from "node:crypto";
import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";

const [role, file] = process.argv.slice(2);
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
    }
  }
}

const roles = {
  /** Starts on each file that it is told, makes a user there, and says which database it found. */
  async start() {
    tell("ready");
    for (;;) {
      const { name } = await heard();
      if (name === undefined) return;
      const store = sqliteStore(name);
      await store.start();
      const user = newUser();
      await patiently(() => store.createUser(user));
      const added = await patiently(() => store.addFirstKey({ ...key, id: id() }));
      const [{ lineage }] = new Database(name).prepare("select lineage from latchkey_meta").all();
      await store.close();
      tell({ user: user.id, added, lineage });
    }
  },

  /** Holds the write lock from "held" until told otherwise. */
  async hold() {
    const database = new Database(file, { timeout: 1000 });
    database.exec("begin immediate");
    tell("held");
    await heard();
    database.exec("rollback");
    tell("released");
  },

  /** Does what an operator's tools do to a database in use. */
  async run() {
    tell("ready");
    const { statements } = await heard();
    const database = new Database(file, { timeout: 2000 });
    for (const statement of statements) database.exec(statement);
    database.close();
    tell("done");
  },

  /** Signs people up as fast as it can, and names each once it was told that it is done. */
  async load() {
    const store = sqliteStore(file);
    await store.start();
    for (;;) {
      const session = newSession();
      const signUp = { user: { create: newUser() }, session, replaces: null, limit: null, audit: null };
      const opened = await patiently(() => store.openSession(signUp));
      if (opened.ok) tell({ user: opened.user.id, session: session.id });
    }
  },

  /** Signs people up until it fails, then tries to read and to write. */
  async fill() {
    const store = sqliteStore(file);
    await store.start();
    const told = [];
    const signUp = async () => {
      const session = newSession();
      const create = { ...newUser(), name: "x".repeat(3000) };
      const opened = await store.openSession({
        user: { create },
        session,
        replaces: null,
        limit: null,
        audit: null,
      });
      told.push({ user: opened.user.id, session: session.id });
    };
    const codeOf = (call) =>
      call.then(
        () => "ok",
        (error) => error.code,
      );
    while ((await codeOf(signUp())) === "ok");
    const read = await store.readSession(told[0].session);
    tell({ told, again: await codeOf(signUp()), read: read.session?.id });
  },

  /** Signs one user in, again and again, with the epoch given, until it is refused. */
  async signIn() {
    const store = sqliteStore(file);
    await store.start();
    tell("ready");
    const user = await heard();
    const opened = [];
    for (;;) {
      const session = newSession();
      const answer = await patiently(() =>
        store.openSession({ user, session, replaces: null, limit: null, audit: null }),
      );
      if (!answer.ok) return tell({ opened, code: answer.code });
      opened.push(session.id);
    }
  },

  /** Updates one session's data at the version it reads, so many times as told. */
  async count() {
    const store = sqliteStore(file);
    await store.start();
    tell("ready");
    const { session, times } = await heard();
    let conflicts = 0;
    for (let done = 0; done < times; ) {
      const { version, data } = (await store.readSession(session)).session;
      const next = { count: (data.count ?? 0) + 1 };
      const answer = await patiently(() => store.updateSession(session, version, next));
      if (answer.ok) done += 1;
      else conflicts += 1;
    }
    tell({ conflicts });
  },
};

const key = { purpose: "session", algorithm: "HS256", sealed: "sealed", publicJwk: null };

await roles[role]();
process.disconnect();
