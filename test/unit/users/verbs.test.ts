import type { AuthApi, UsersPort } from "latchkey";
import { describe, expect, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, password } from "../../support/stage.ts";
import { memoryTable } from "../../support/users/memory-table.ts";
import { check, codeOf, comeIn, email, makeUsersStage, type UsersStage } from "./stage.ts";

const next = "another horse battery";
const kept = { ok: false, code: "kept_elsewhere" };
const bob = { email: "bob@example.com", password, client: "app" };

async function current({ auth }: UsersStage, signedIn: Awaited<ReturnType<typeof comeIn>>) {
  const result = await auth.authenticate(bearerRequest(credentialOf(signedIn)));
  if (!result.ok) throw new Error(result.code);
  return result;
}

async function attempt({ auth }: UsersStage, given = password, address = email): Promise<string> {
  return codeOf(await auth.api.signInEmail({ email: address, password: given, client: "app" }));
}

describe("a sign-up", () => {
  test("makes the account in the application's table, and signs in to it", async () => {
    const stage = await makeUsersStage();
    const signedUp = await stage.auth.api.signUpEmail({ ...bob, email: "Bob@Example.com", name: "Bob" });
    if (!signedUp.ok) return expect.fail(signedUp.code);
    const row = stage.table.rows.get(signedUp.user.id);
    expect(row).toMatchObject({ email: "bob@example.com", name: "Bob", roles: [], password });
    expect(signedUp.user).toMatchObject({ email: "bob@example.com", name: "Bob", roles: [] });
    expect(await check(stage, signedUp)).toBe("ok");
    expect(await attempt(stage, password, "bob@example.com")).toBe("ok");
    const events = (await stage.auth.api.listEvents()).map(({ type }) => type).reverse();
    expect(events.slice(0, 2)).toEqual(["signed_up", "signed_in"]);
    expect(stage.hasher.calls).toEqual([]);
  });

  test("asks the application last: for a bad password, or nobody allowed, it is asked for nothing", async () => {
    const stage = await makeUsersStage({ signUp: { allow: () => false } });
    const { api } = stage.auth;
    expect(codeOf(await api.signUpEmail({ ...bob, password: "short" }))).toBe("password_too_short");
    expect(codeOf(await api.signUpEmail(bob))).toBe("sign_up_disabled");
    expect(stage.asked()).toEqual([]);
  });

  test("with an address that is taken there", async () => {
    const stage = await makeUsersStage();
    expect(await stage.auth.api.signUpEmail({ ...bob, email })).toEqual({ ok: false, code: "email_taken" });
    expect(await stage.auth.api.listUsers()).toEqual([]);
  });

  test("of one address at the same time makes one account", async () => {
    const stage = await makeUsersStage();
    const codes = await Promise.all(
      Array.from({ length: 10 }, () => stage.auth.api.signUpEmail(bob).then(codeOf)),
    );
    expect(codes.filter((code) => code === "ok")).toHaveLength(1);
    expect(codes.filter((code) => code === "email_taken")).toHaveLength(9);
  });

  test("whose id was another's before gets nothing of theirs", async () => {
    const stage = await makeUsersStage();
    const ada = await comeIn(stage);
    await stage.auth.api.banUser({ userId: stage.userId });
    await stage.auth.api.unbanUser({ userId: stage.userId });
    const again = await comeIn(stage);
    // The application forgets her, and gives her id away; nobody tells us.
    const row = stage.table.rows.get(stage.userId);
    stage.table.rows.clear();
    const users: UsersPort = {
      findByEmail: (asked) => stage.table.users.findByEmail(asked),
      findById: (id) => stage.table.users.findById(id),
      checkPassword: () => true,
      createUser(user) {
        stage.table.rows.set(stage.userId, { ...user, id: stage.userId, status: "active" });
        return { id: stage.userId };
      },
    };
    const other = await makeUsersStage({ users, store: stage.store });
    const signedUp = await other.auth.api.signUpEmail(bob);
    expect(signedUp.ok && signedUp.user).toMatchObject({ id: row?.id, email: "bob@example.com" });
    for (const one of [ada, again]) expect(await check(other, one)).toBe("session_ended");
    expect(signedUp.ok && (await check(other, signedUp))).toBe("ok");
  });

  test("of whom the table then knows nothing is a fault, and opens nothing", async () => {
    const { table } = await makeUsersStage();
    const users: UsersPort = {
      findByEmail: () => undefined,
      findById: () => undefined,
      checkPassword: () => false,
      createUser: async (user) => table.users.createUser?.(user) ?? "email_taken",
    };
    const stage = await makeUsersStage({ users });
    await expect(stage.auth.api.signUpEmail(bob)).rejects.toMatchObject({ code: "cannot_tell" });
    expect(await stage.auth.api.listUsers()).toEqual([]);
  });
});

describe("making a user", () => {
  test("gives the roles: to a table that keeps them, else to our record", async () => {
    for (const keepsStanding of [true, false]) {
      const stage = await makeUsersStage({}, memoryTable({ keepsStanding }));
      const made = await stage.auth.api.createUser({ ...bob, roles: ["admin"] }, { actor: "root" });
      if (!made.ok) return expect.fail(made.code);
      expect(made.user.roles).toEqual(["admin"]);
      expect(stage.table.rows.get(made.user.id)?.roles).toEqual(["admin"]);
      const events = await stage.auth.api.listEvents();
      expect(events).toMatchObject([{ type: "user_created", actorId: "root", userId: made.user.id }]);
      expect(await stage.store.findUser({ id: made.user.id })).toMatchObject({
        externalRoles: keepsStanding,
      });
    }
  });

  test("is written down once, and what the table says a moment later apart from it", async () => {
    const stage = await makeUsersStage();
    stage.table.meanwhile("findById", async () => {
      const [id] = [...stage.table.rows.keys()].slice(-1);
      await stage.table.change(id ?? "", { status: "banned" });
    });
    const made = await stage.auth.api.createUser(bob);
    expect(made.ok && made.user.status).toBe("banned");
    const changed = { detail: { changed: ["banned"] } };
    const events = await stage.auth.api.listEvents();
    expect(events).toMatchObject([{ type: "user_synced", ...changed }, { type: "user_created" }]);
  });

  test("is not ours where it matters who is first: between two tables nobody can say", async () => {
    const stage = await makeUsersStage();
    const made = await stage.auth.api.createUser({ ...bob, roles: ["admin"], firstOf: "admin" });
    expect(made).toMatchObject(kept);
    expect(stage.asked()).toEqual([]);
  });
});

describe("changing one's name", () => {
  test("changes it there and here", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    const { userId, auth } = stage;
    expect(await auth.api.updateUser({ userId, name: "Anna" })).toMatchObject({ user: { name: "Anna" } });
    expect(stage.table.rows.get(userId)?.name).toBe("Anna");
    const missing = { ok: false, code: "user_not_found" };
    expect(await auth.api.updateUser({ userId: "nobody", name: null })).toEqual(missing);
    const [event] = await auth.api.listEvents({ limit: 1 });
    expect(event).toMatchObject({ type: "user_updated", userId });
  });
});

describe("changing one's password", () => {
  test("changes it there, renews this credential and ends the other sessions (P3)", async () => {
    const stage = await makeUsersStage();
    const [mine, other] = [await comeIn(stage), await comeIn(stage)];
    const input = { currentPassword: password, newPassword: next, current: await current(stage, mine) };
    const changed = await stage.auth.api.changePassword(input);
    if (!changed.ok) return expect.fail(changed.code);
    expect(await check(stage, mine)).toBe("credential_renewed");
    expect(await check(stage, other)).toBe("session_ended");
    expect(await check(stage, changed)).toBe("ok");
    expect([await attempt(stage), await attempt(stage, next)]).toEqual(["invalid_credentials", "ok"]);
    expect((await stage.store.findUser({ id: stage.userId }))?.passwordHash).toBeNull();
  });

  test("with a wrong one changes nothing, and is counted", async () => {
    const stage = await makeUsersStage({ rateLimit: { perAccount: { attempts: 2 } } });
    const mine = await current(stage, await comeIn(stage));
    const change = (currentPassword: string): Promise<string> =>
      stage.auth.api.changePassword({ currentPassword, newPassword: next, current: mine }).then(codeOf);
    expect(await change("wrong")).toBe("wrong_password");
    expect(await change("wrong again")).toBe("wrong_password");
    expect(await change(password)).toBe("rate_limited");
    expect(stage.table.rows.get(stage.userId)?.password).toBe(password);
  });

  test("twice at once: one does", async () => {
    const stage = await makeUsersStage();
    const all = [await comeIn(stage), await comeIn(stage)];
    const changes = all.map(async (one, i) =>
      stage.auth.api.changePassword({
        currentPassword: password,
        newPassword: `${next} ${i}`,
        current: await current(stage, one),
      }),
    );
    const codes = (await Promise.all(changes)).map(codeOf);
    expect(codes.filter((code) => code === "ok")).toHaveLength(1);
    const winner = codes.indexOf("ok");
    expect(await attempt(stage, `${next} ${winner}`)).toBe("ok");
    expect(await attempt(stage, `${next} ${1 - winner}`)).toBe("invalid_credentials");
  });
});

describe("deleting oneself", () => {
  test("needs the password, deletes there and here, and ends everything", async () => {
    const stage = await makeUsersStage();
    const [mine, other] = [await comeIn(stage), await comeIn(stage)];
    const { userId, auth } = stage;
    const wrong = await auth.api.deleteUser({ userId, password: "wrong" });
    expect(wrong).toEqual({ ok: false, code: "wrong_password" });
    expect(await check(stage, mine)).toBe("ok");
    expect(await auth.api.deleteUser({ userId, password })).toEqual({ ok: true, revoked: 2 });
    expect(stage.table.rows.size).toBe(0);
    expect(await auth.api.getUser({ userId })).toBeUndefined();
    for (const one of [mine, other]) expect(await check(stage, one)).toBe("session_ended");
    const types = (await auth.api.listEvents({ userId })).map(({ type }) => type);
    expect(types.filter((type) => type === "user_deleted")).toHaveLength(1);
    expect(types).not.toContain("user_banned");
  });

  test("keeps whoever comes in meanwhile out", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    const seen: string[] = [];
    const { users, rows } = stage.table;
    const slow: UsersPort = {
      findByEmail: (asked) => users.findByEmail(asked),
      findById: (id) => users.findById(id),
      checkPassword: (id, given) => users.checkPassword(id, given),
      async deleteUser(id) {
        seen.push(await attempt(both));
        rows.delete(id);
        seen.push(await attempt(both));
      },
    };
    const both = await makeUsersStage({ users: slow, store: stage.store }, stage.table);
    expect(await both.auth.api.deleteUser({ userId: stage.userId, password })).toHaveProperty("ok", true);
    expect(seen[0]).toBe("user_banned");
    expect(await stage.auth.api.listSessions({ userId: stage.userId })).toEqual([]);
  });

  test("that the application fails to do leaves all as it was, but for a minute and the sessions", async () => {
    const stage = await makeUsersStage();
    await stage.auth.api.userChanged({ userId: stage.userId });
    await stage.auth.api.banUser({ userId: stage.userId, reason: "spam" });
    const users: UsersPort = {
      findByEmail: (asked) => stage.table.users.findByEmail(asked),
      findById: (id) => stage.table.users.findById(id),
      checkPassword: (id, given) => stage.table.users.checkPassword(id, given),
      deleteUser: () => Promise.reject(new Error("the database is read only")),
    };
    const failing = await makeUsersStage({ users, store: stage.store }, stage.table);
    const remove = (): Promise<unknown> => failing.auth.api.removeUser({ userId: stage.userId });
    await expect(remove()).rejects.toMatchObject({ code: "cannot_tell" });
    const banned = await stage.store.findUser({ id: stage.userId });
    expect(banned, "a ban of ours keeps its reason").toMatchObject({ status: "banned", banReason: "spam" });
    await stage.auth.api.unbanUser({ userId: stage.userId });
    await expect(remove()).rejects.toMatchObject({ code: "cannot_tell" });
    expect(await attempt(stage)).toBe("user_banned");
    stage.advance(60_000);
    expect(await attempt(stage)).toBe("ok");
    const types = (await stage.auth.api.listEvents()).map(({ type }) => type);
    expect(types).not.toContain("user_deleted");
  });

  test("refuses to leave nobody in charge, and then the application is asked for nothing", async () => {
    const stage = await makeUsersStage();
    await stage.table.change(stage.userId, { roles: ["admin"] });
    const mine = await comeIn(stage);
    stage.asked();
    const last = { ok: false, code: "last_administrator" };
    expect(await stage.auth.api.removeUser({ userId: stage.userId })).toEqual(last);
    expect(stage.asked()).toEqual([]);
    expect(await check(stage, mine)).toBe("ok");
  });

  test("of somebody who never came in works too, and of nobody is said so", async () => {
    const stage = await makeUsersStage();
    expect(await stage.auth.api.removeUser({ userId: stage.userId })).toEqual({ ok: true, revoked: 0 });
    expect(stage.table.rows.size).toBe(0);
    const missing = { ok: false, code: "user_not_found" };
    expect(await stage.auth.api.removeUser({ userId: stage.userId })).toEqual(missing);
  });

  test("is refused if the password was changed since it was looked at", async () => {
    const stage = await makeUsersStage();
    const mine = await current(stage, await comeIn(stage));
    stage.table.meanwhile("checkPassword", async () => {
      const input = { currentPassword: password, newPassword: next, current: mine };
      expect(codeOf(await stage.auth.api.changePassword(input))).toBe("ok");
    });
    const deleted = await stage.auth.api.deleteUser({ userId: stage.userId, password });
    expect(deleted).toEqual({ ok: false, code: "conflict" });
    expect(stage.table.rows.size).toBe(1);
  });
});

describe("what the application keeps to itself", () => {
  const verbs: readonly [keyof UsersPort, string, (api: AuthApi, userId: string) => Promise<unknown>][] = [
    ["createUser", "signUpEmail", (api) => api.signUpEmail(bob)],
    ["createUser", "createUser", (api) => api.createUser(bob)],
    ["setName", "updateUser", (api, userId) => api.updateUser({ userId, name: "Anna" })],
    ["deleteUser", "deleteUser", (api, userId) => api.deleteUser({ userId, password })],
    ["deleteUser", "removeUser", (api, userId) => api.removeUser({ userId })],
  ];

  test.each(verbs)("without %s, %s is kept elsewhere, and nothing happens", async (method, _, call) => {
    const stage = await makeUsersStage({}, memoryTable({ without: [method] }));
    const mine = await comeIn(stage);
    stage.asked();
    expect(await call(stage.auth.api, stage.userId)).toEqual(kept);
    expect(stage.asked()).toEqual([]);
    expect(await check(stage, mine)).toBe("ok");
  });

  test("without changePassword, changePassword is, whatever the passwords are", async () => {
    const stage = await makeUsersStage({}, memoryTable({ without: ["changePassword"] }));
    const mine = await comeIn(stage);
    const input = { currentPassword: "wrong", newPassword: "x", current: await current(stage, mine) };
    expect(await stage.auth.api.changePassword(input)).toEqual(kept);
  });
});
