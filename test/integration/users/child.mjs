// A process of its own that signs people in: the built library over a store and an application's table that it shares
// with others. Arguments: role, folder.
import { createHash } from "node:crypto";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { latchkey } from "latchkey";
import { sqliteStore } from "latchkey/sqlite";
import Database from "libsql";

const [role, folder] = process.argv.slice(2);
const tell = (message) => process.send(message);
const heard = () => new Promise((resolve) => process.once("message", resolve));
const password = "correct horse battery staple";

const people = new Database(join(folder, "application.db"));
people.exec("pragma busy_timeout = 2000");
const find = (column, value) => {
  const row = people.prepare(`select * from people where ${column} = ?`).get(value);
  return row && { id: row.id, email: row.email, name: null, roles: [], status: row.status };
};
const hash = (text) => createHash("sha256").update(text).digest("hex");

const auth = latchkey({
  secret: "a secret for tests, of more than 32 characters",
  store: sqliteStore(join(folder, "latchkey.db")),
  clients: { pair: { transport: "bearer", strategy: "jwt-denylist" } },
  refresh: { grace: 0 },
  rateLimit: false,
  users: {
    findByEmail: (email) => find("email", email),
    async findById(id) {
      const seen = find("id", id);
      // Held up now and then: by the time it is told it may be old news.
      if (Math.random() < 0.3) await sleep(Math.random() * 10);
      return seen;
    },
    checkPassword(id, given) {
      const row = people.prepare("select hash from people where id = ?").get(id ?? "");
      return row !== undefined && row.hash === hash(given);
    },
  },
});

/** Asks again, as a client would, while the store cannot tell. */
async function patiently(call) {
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error.code !== "cannot_tell" && error.code !== "busy") throw error;
    }
  }
}

/** Some moment within the time in which the ban comes. */
const someTime = () => sleep(Math.random() * 20);

/** One attempt each, for what the last one would find out must not undo what the first one got wrong. */
const roles = {
  async signIn(email) {
    await someTime();
    return patiently(() => auth.api.signInEmail({ email, password }));
  },
  async refresh(email) {
    const first = await patiently(() => auth.api.signInEmail({ email, password }));
    tell("in");
    await someTime();
    const { refreshToken } = first.credentials;
    return patiently(() => auth.api.refresh({ refreshToken }));
  },
};

await auth.start();
tell("ready");
for (;;) {
  const { email } = await heard();
  const got = await roles[role](email);
  tell(got.ok ? { token: got.credentials.accessToken } : { code: got.code });
}
