import { describe, expect, test } from "vitest";
import { password } from "../../support/stage.ts";
import { memoryTable } from "../../support/users/memory-table.ts";
import { check, codeOf, comeIn, email, makeUsersStage, type UsersStage } from "./stage.ts";

const wrong = { ok: false, code: "invalid_credentials" };

async function attempt({ auth }: UsersStage, given = password, address = email): Promise<string> {
  return codeOf(await auth.api.signInEmail({ email: address, password: given, client: "app" }));
}

async function eventsOf({ auth }: UsersStage): Promise<readonly string[]> {
  return (await auth.api.listEvents()).map(({ type }) => type).reverse();
}

describe("a sign-in with an account of the application's", () => {
  test("makes a record of who is new to us, by the application's own id", async () => {
    const stage = await makeUsersStage();
    expect(await stage.auth.api.getUser({ userId: stage.userId })).toBeUndefined();
    const { user, session } = await comeIn(stage);
    expect(user).toEqual({
      id: stage.userId,
      email,
      name: "Ada",
      roles: ["editor"],
      status: "active",
      createdAt: stage.now(),
    });
    expect(session.userId).toBe(stage.userId);
    expect(await stage.auth.api.getUser({ email })).toEqual(user);
    expect(await eventsOf(stage)).toEqual(["user_synced", "signed_in"]);
    const [synced] = await stage.auth.api.listEvents({ type: "user_synced" });
    const detail = { changed: ["created"], roles: ["editor"], status: "active" };
    expect(synced).toMatchObject({ userId: stage.userId, actorId: null, detail });
  });

  test("writes nothing of the record where nothing is new", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    stage.asked();
    await comeIn(stage);
    expect(stage.calls.slice(0, 2)).toEqual(["findUser", "openSession"]);
    expect(stage.calls).not.toContain("syncUser");
    expect(stage.asked()).toEqual(["findByEmail", "checkPassword", "findById"]);
  });

  test("asks for the address in its canonical spelling, and takes the password as typed", async () => {
    const stage = await makeUsersStage();
    expect(await attempt(stage, password, "ＡDA@Example.COM")).toBe("ok");
    expect(stage.table.calls[0]).toEqual(["findByEmail", email]);
    expect(await attempt(stage, ` ${password}`)).toBe("invalid_credentials");
    expect(stage.table.calls.at(-1)).toEqual(["checkPassword", stage.userId, ` ${password}`]);
  });

  test("keeps no password, and none is among what is asked for or written down", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    const record = await stage.store.findUser({ id: stage.userId });
    expect(record?.passwordHash).toBeNull();
    expect(stage.hasher.calls).toEqual([]);
    expect(JSON.stringify(await stage.auth.api.listEvents())).not.toContain(password);
  });

  test("refuses an unknown address and a wrong password alike, after the same work", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    const refused = async (address: string): Promise<unknown> => {
      stage.asked();
      const answer = await stage.auth.api.signInEmail({ email: address, password: "wrong", client: "app" });
      const steps = [...stage.calls];
      return { answer, steps, asked: stage.asked() };
    };
    const unknown = await refused("nobody@example.com");
    expect(await refused(email)).toEqual(unknown);
    expect(unknown).toEqual({
      answer: wrong,
      steps: ["findUser", "appendAudit"],
      asked: ["findByEmail", "checkPassword"],
    });
  });

  test("is not opened by a port that takes any password of nobody", async () => {
    const stage = await makeUsersStage();
    const users = { ...memoryTable().users, findByEmail: () => undefined, findById: () => undefined };
    const open = await makeUsersStage({ users: { ...users, checkPassword: () => true } });
    expect(await attempt(open)).toBe("invalid_credentials");
    expect(await attempt(stage)).toBe("ok");
  });

  test("counts guesses by the address, before the application is asked", async () => {
    const stage = await makeUsersStage({ rateLimit: { perAccount: { attempts: 3 } } });
    for (const tried of [1, 2, 3]) expect(await attempt(stage, `wrong ${tried}`)).toBe("invalid_credentials");
    stage.asked();
    expect(await attempt(stage)).toBe("rate_limited");
    expect(stage.asked()).toEqual([]);
  });

  test("from a known device is let in while strangers guess", async () => {
    const stage = await makeUsersStage({ rateLimit: { perAccount: { attempts: 2 } } });
    const { credentials } = await comeIn(stage);
    const deviceToken = "deviceToken" in credentials ? credentials.deviceToken : undefined;
    await stage.table.change(stage.userId, { email: "anna@example.com" });
    for (const tried of [1, 2, 3]) await attempt(stage, `wrong ${tried}`, "anna@example.com");
    const again = { email: "anna@example.com", password, client: "app" };
    expect(codeOf(await stage.auth.api.signInEmail(again))).toBe("rate_limited");
    expect(codeOf(await stage.auth.api.signInEmail({ ...again, deviceToken }))).toBe("ok");
  });
});

describe("what the application changed since", () => {
  test("a ban shuts out whoever knows the password, and says nothing to whoever does not", async () => {
    const stage = await makeUsersStage();
    const signedIn = await comeIn(stage);
    await stage.table.change(stage.userId, { status: "banned" });
    expect(await attempt(stage, "wrong")).toBe("invalid_credentials");
    expect(await check(stage, signedIn), "nobody who knows the password has asked").toBe("ok");
    expect(await attempt(stage)).toBe("user_banned");
    expect(await check(stage, signedIn), "the ban is known now").toBe("session_ended");
    await stage.table.change(stage.userId, { status: "active" });
    expect(await attempt(stage)).toBe("ok");
    expect(await check(stage, signedIn), "nothing is revived").toBe("session_ended");
  });

  test("one who is banned from the first is shut out too", async () => {
    const stage = await makeUsersStage();
    await stage.table.change(stage.userId, { status: "banned" });
    expect(await attempt(stage)).toBe("user_banned");
    expect(await stage.auth.api.listSessions({ userId: stage.userId })).toEqual([]);
  });

  test("other roles and another name are the session's at once", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    await stage.table.change(stage.userId, { roles: ["admin"], name: null });
    expect((await comeIn(stage)).user).toMatchObject({ roles: ["admin"], name: null });
  });

  test("another address: the old one is nobody's, and the account goes on", async () => {
    const stage = await makeUsersStage();
    const before = await comeIn(stage);
    await stage.table.change(stage.userId, { email: "anna@example.com" });
    expect(await attempt(stage)).toBe("invalid_credentials");
    const after = await comeIn(stage, "app", "anna@example.com");
    expect(after.user).toMatchObject({ id: before.user.id, email: "anna@example.com" });
    expect(await stage.auth.api.getUser({ email })).toBeUndefined();
  });

  test("an address that is another's by now: each goes on as who they are", async () => {
    const stage = await makeUsersStage();
    const ada = await comeIn(stage);
    await stage.table.change(stage.userId, { email: "anna@example.com" });
    const bobId = await stage.table.add({ email, password: "the password of bob" });
    const bob = await stage.auth.api.signInEmail({ email, password: "the password of bob", client: "app" });
    expect(bob.ok && bob.user.id).toBe(bobId);
    expect(await attempt(stage), "her password is not his").toBe("invalid_credentials");
    expect(await stage.auth.api.getUser({ userId: stage.userId })).toMatchObject({ email: null });
    expect(await check(stage, ada)).toBe("ok");
    expect((await comeIn(stage, "app", "anna@example.com")).user.id).toBe(stage.userId);
    expect(await stage.auth.api.getUser({ email })).toMatchObject({ id: bobId });
  });

  test("two who swapped their addresses", async () => {
    const stage = await makeUsersStage();
    const bobId = await stage.table.add({ email: "bob@example.com", password });
    await comeIn(stage);
    await comeIn(stage, "app", "bob@example.com");
    stage.table.rows.clear();
    const row = { name: null, roles: [], status: "active", password } as const;
    stage.table.rows.set(bobId, { ...row, id: bobId, email });
    stage.table.rows.set(stage.userId, { ...row, id: stage.userId, email: "bob@example.com" });
    expect((await comeIn(stage)).user).toMatchObject({ id: bobId, email });
    const ada = await comeIn(stage, "app", "bob@example.com");
    expect(ada.user).toMatchObject({ id: stage.userId, email: "bob@example.com" });
  });

  test("a user who goes while the password is looked at", async () => {
    const stage = await makeUsersStage();
    const signedIn = await comeIn(stage);
    stage.table.meanwhile("checkPassword", () => stage.table.remove(stage.userId));
    expect(await attempt(stage)).toBe("invalid_credentials");
    expect(await check(stage, signedIn)).toBe("session_ended");
    expect(await stage.auth.api.getUser({ userId: stage.userId })).toBeUndefined();
  });
});

describe("a table that keeps neither roles nor bans", () => {
  test("leaves both to us", async () => {
    const stage = await makeUsersStage({}, memoryTable({ keepsStanding: false }));
    const { user } = await comeIn(stage);
    expect(user).toMatchObject({ roles: [], status: "active" });
    const { userId } = stage;
    expect(await stage.auth.api.setRole({ userId, roles: ["admin"] })).toHaveProperty("ok", true);
    await stage.table.change(userId, { name: "Anna" });
    expect((await comeIn(stage)).user).toMatchObject({ roles: ["admin"], name: "Anna" });
  });
});

describe("an answer that was not agreed upon", () => {
  test.each<[what: string, members: object]>([
    ["a number for an id", { id: 7 }],
    ["no id", { id: undefined }],
    ["an empty id", { id: "" }],
    ["an id of two lines", { id: "a\nb" }],
    ["an id longer than any", { id: "x".repeat(201) }],
    ["roles in one text", { roles: "admin" }],
    ["roles that are null", { roles: null }],
    ["a role that is no name", { roles: [7] }],
    ["a status nobody knows", { status: "suspended" }],
    ["a status that is null", { status: null }],
    ["the answer of a query", { rows: [] }],
  ])("%s: nobody is let in, and nobody is told to have typed wrong", async (what, members) => {
    const right = { id: "ada", email, name: "Ada", roles: [], status: "active" };
    const given = what === "the answer of a query" ? members : { ...right, ...members };
    const find = (): never => given as never;
    const stage = await makeUsersStage({
      users: { findByEmail: find, findById: find, checkPassword: () => true },
    });
    await expect(attempt(stage)).rejects.toMatchObject({ code: "cannot_tell" });
    expect(await stage.auth.api.listUsers()).toEqual([]);
  });

  test.each([undefined, null, 1, "true", {}])("checkPassword: %j is neither yes nor no", async (answer) => {
    const { table } = await makeUsersStage();
    const stage = await makeUsersStage({
      users: {
        findByEmail: (asked) => table.users.findByEmail(asked),
        findById: (id) => table.users.findById(id),
        checkPassword: () => answer as never,
      },
    });
    await expect(attempt(stage)).rejects.toMatchObject({ code: "cannot_tell" });
  });

  test("another user than asked for by id", async () => {
    const user = { email, name: null };
    const stage = await makeUsersStage({
      users: {
        findByEmail: () => ({ ...user, id: "ada" }),
        findById: () => ({ ...user, id: "bob" }),
        checkPassword: () => true,
      },
    });
    await expect(attempt(stage)).rejects.toMatchObject({ code: "cannot_tell" });
  });

  test("another address than asked for is nobody's: no spelling has guesses of its own", async () => {
    const user = { id: "ada", email: "adá@example.com", name: null };
    const checked: unknown[] = [];
    const stage = await makeUsersStage({
      users: {
        findByEmail: () => user,
        findById: () => user,
        checkPassword: (id) => checked.push(id) > 0,
      },
    });
    expect(await attempt(stage)).toBe("invalid_credentials");
    expect(checked).toEqual([null]);
  });

  test("what cannot be shown or is no address is left out", async () => {
    const row = { id: "ada", roles: ["editor"], password_hash: "$secret", isAdmin: true };
    const users = {
      findById: () => ({ ...row, email: "root", name: "two\nlines" }),
      checkPassword: () => true,
    };
    const stage = await makeUsersStage({
      users: { ...users, findByEmail: () => ({ ...row, email, name: null }) },
    });
    const { user } = await comeIn(stage);
    expect(user).toMatchObject({ id: "ada", email: null, name: null, roles: ["editor"], status: "active" });
    expect(JSON.stringify(await stage.store.findUser({ id: "ada" }))).not.toMatch(/secret|isAdmin/);
  });
});
