import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { argon2Hasher, type ExternalUser, type UsersPort } from "latchkey";
import type { PersonUnderTest, UsersUnderTest } from "latchkey/testing";
import Database from "libsql";

interface Row {
  readonly id: string;
  readonly email: string;
  readonly name: string | null;
  readonly roles: string;
  readonly banned: number;
  readonly password_hash: string;
}

const hasher = argon2Hasher();

/** A table in a file of SQLite, with a port as an application would write it. */
export async function sqliteTable(): Promise<UsersUnderTest & { readonly file: string }> {
  const folder = mkdtempSync(join(tmpdir(), "latchkey-users-"));
  const file = join(folder, "application.db");
  const database = open(file);
  const second = open(file);
  database.exec(`create table people (
    id text primary key, email text not null, name text, roles text not null, banned integer not null,
    password_hash text not null)`);
  // One account for an address, however it is typed.
  database.exec("create unique index people_by_email on people (lower(email))");
  return {
    file,
    users: usersPort(database),
    second: usersPort(second),
    async add(person) {
      const id = await insert(database, person);
      if (id === undefined) throw new Error("the address is taken");
      return id;
    },
    async change(id, { email, name, roles, status }) {
      const set = (column: string, value: unknown): void => {
        if (value !== undefined)
          database.prepare(`update people set ${column} = ? where id = ?`).run(value, id);
      };
      set("email", email);
      set("name", name);
      set("roles", roles && JSON.stringify(roles));
      set("banned", status && Number(status === "banned"));
    },
    remove: async (id) => database.prepare("delete from people where id = ?").run(id),
    async dispose() {
      database.close();
      second.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function open(file: string): Database.Database {
  const database = new Database(file);
  database.exec("pragma journal_mode = wal");
  database.exec("pragma busy_timeout = 1000");
  return database;
}

/** undefined: the address is taken. */
async function insert(
  database: Database.Database,
  { email, password, name = null, roles = [], status = "active" }: PersonUnderTest,
): Promise<string | undefined> {
  const hash = await hasher.hash(password);
  const id = randomUUID();
  const text = "insert into people values (?, ?, ?, ?, ?, ?) on conflict do nothing";
  const values = [id, email, name, JSON.stringify(roles), Number(status === "banned"), hash];
  return database.prepare(text).run(...values).changes === 1 ? id : undefined;
}

function usersPort(database: Database.Database): UsersPort {
  const decoy = hasher.hash("the password of nobody");
  const one = (where: string, value: string): Row | undefined =>
    database.prepare(`select * from people where ${where} = ?`).get(value) as Row | undefined;
  const shown = (row: Row | undefined): ExternalUser | undefined =>
    row && {
      id: row.id,
      email: row.email,
      name: row.name,
      roles: JSON.parse(row.roles),
      status: row.banned === 1 ? "banned" : "active",
    };
  return {
    findByEmail: (email) => shown(one("lower(email)", email)),
    findById: (id) => shown(one("id", id)),
    async checkPassword(id, password) {
      const row = id === null ? undefined : one("id", id);
      const right = await hasher.verify(row?.password_hash ?? (await decoy), password);
      return right && row !== undefined;
    },
    async createUser(user) {
      const id = await insert(database, user);
      return id === undefined ? "email_taken" : { id };
    },
    async changePassword(id, current, next) {
      const row = one("id", id);
      if (row === undefined || !(await hasher.verify(row.password_hash, current))) return false;
      // Only while the hash still is the one that was looked at.
      const text = "update people set password_hash = ? where id = ? and password_hash = ?";
      return database.prepare(text).run(await hasher.hash(next), id, row.password_hash).changes === 1;
    },
    setName(id, name) {
      database.prepare("update people set name = ? where id = ?").run(name, id);
    },
    deleteUser(id) {
      database.prepare("delete from people where id = ?").run(id);
    },
  };
}
