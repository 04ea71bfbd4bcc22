import { randomUUID } from "node:crypto";
import type { ExternalUser, UsersPort } from "latchkey";
import type { PersonUnderTest, UsersUnderTest } from "latchkey/testing";

interface Row {
  id: string;
  email: string;
  name: string | null;
  roles: readonly string[];
  status: "active" | "banned";
  password: string;
}

/** Options of {@link memoryTable}. */
export interface MemoryTableOptions {
  /** Methods that the port does without. */
  readonly without?: readonly (keyof UsersPort)[];
  /** False: the table keeps neither roles nor bans. */
  readonly keepsStanding?: boolean;
  /** What each read waits for before it looks, and again before it answers: what it says may be old news by then. */
  readonly pace?: () => Promise<unknown>;
}

/** A users table of an application, in memory, and what was asked of its port. */
export interface MemoryTable extends UsersUnderTest {
  /** The port's methods called so far, with what they were given; a test may empty it. */
  readonly calls: [method: keyof UsersPort, ...input: unknown[]][];
  readonly rows: Map<string, Row>;
  /** Lets something happen once, after a method has seen the table and before it answers. */
  meanwhile(method: keyof UsersPort, happen: () => Promise<unknown>): void;
}

/** Passwords are written down as they are: no test should wait for a hash but its own. */
export function memoryTable({
  without = [],
  keepsStanding = true,
  pace = () => Promise.resolve(),
}: MemoryTableOptions = {}): MemoryTable {
  const rows = new Map<string, Row>();
  const calls: MemoryTable["calls"] = [];
  const hooks = new Map<keyof UsersPort, () => Promise<unknown>>();
  const byEmail = (email: string): Row | undefined =>
    [...rows.values()].find((row) => row.email.toLowerCase() === email);
  const shown = (row: Row | undefined): ExternalUser | undefined => {
    if (row === undefined) return undefined;
    const { password: _, roles, status, ...rest } = row;
    return keepsStanding ? { ...rest, roles, status } : rest;
  };
  const looked = async <Seen>(look: () => Seen): Promise<Seen> => {
    await pace();
    const seen = look();
    await pace();
    return seen;
  };
  const insert = ({
    email,
    password,
    name = null,
    roles = [],
    status = "active",
  }: PersonUnderTest): string => {
    const id = randomUUID();
    rows.set(id, { id, email, password, name, roles, status });
    return id;
  };
  const port: Required<UsersPort> = {
    findByEmail: (email) => looked(() => shown(byEmail(email))),
    findById: (id) => looked(() => shown(rows.get(id))),
    checkPassword: (id, password) => looked(() => rows.get(id ?? "")?.password === password),
    createUser: async (user) => (byEmail(user.email) === undefined ? { id: insert(user) } : "email_taken"),
    async changePassword(id, current, next) {
      const row = rows.get(id);
      if (row?.password !== current) return false;
      row.password = next;
      return true;
    },
    async setName(id, name) {
      const row = rows.get(id);
      if (row !== undefined) row.name = name;
    },
    deleteUser: async (id) => rows.delete(id),
  };
  const users = new Proxy(port, {
    get(target, name: keyof UsersPort) {
      const method = without.includes(name) ? undefined : Reflect.get(target, name);
      if (typeof method !== "function") return undefined;
      return async (...input: unknown[]): Promise<unknown> => {
        calls.push([name, ...input]);
        const answer: unknown = await Reflect.apply(method, target, input);
        const happen = hooks.get(name);
        hooks.delete(name);
        await happen?.();
        return answer;
      };
    },
  });
  return {
    users,
    calls,
    rows,
    meanwhile: (method, happen) => void hooks.set(method, happen),
    add: async (person) => insert(person),
    async change(id, members) {
      const row = rows.get(id);
      if (row === undefined) throw new Error(`nobody has the id ${id}`);
      rows.set(id, { ...row, ...members, status: members.status ?? row.status });
    },
    remove: async (id) => rows.delete(id),
    dispose: async () => rows.clear(),
  };
}
