import type { UsersPort } from "latchkey";
import { describe, expect, onTestFinished, test } from "vitest";
import { type App, check, makeApp, outcome, whoIs, withSessions } from "../../support/http/app.ts";
import { makePerson } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";
import { sqliteTable } from "../../support/users/sqlite-table.ts";

// The routes over an application's own table: a file of SQLite with Argon2 hashes, beside our store.

const newPassword = "another long password";
const clients = { ...withSessions, pair: { transport: "bearer", strategy: "jwt-denylist" } } as const;
type Table = Awaited<ReturnType<typeof sqliteTable>>;

async function makeSite(
  kind: (typeof stores)[number],
  without: readonly (keyof UsersPort)[] = [],
): Promise<{ readonly app: App; readonly table: Table }> {
  const table = await sqliteTable();
  onTestFinished(async () => void (await table.dispose()));
  const kept = Object.entries(table.users).filter(([name]) => !without.some((one) => one === name));
  const users = { ...table.users, ...Object.fromEntries(without.map((name) => [name, undefined])) };
  expect(Object.keys(users)).toHaveLength(kept.length + without.length);
  return { app: await makeApp({ kind, clients, users: users as UsersPort }), table };
}

describe.each(stores)("over $name", (kind) => {
  test("sign-up, sign-in, change-password and delete-user, from the first to the last", async () => {
    const { app, table } = await makeSite(kind);
    const person = makePerson();
    const device = app.device("web");
    const signedUp = await device.signUp({ ...person, email: person.email.toUpperCase() });
    expect([signedUp.status, signedUp.body.user?.email]).toEqual([201, person.email]);
    const userId = signedUp.body.user?.id ?? "";
    expect(await table.users.findByEmail(person.email)).toMatchObject({ id: userId, status: "active" });
    expect(outcome(await app.device("web").post("/sign-up/email", { ...person, client: "web" }))).toBe(
      "email_taken",
    );

    const phone = app.device("mobile");
    expect(outcome(await phone.signIn(person))).toBe(200);
    expect(outcome(await phone.signIn({ ...person, password: "wrong password" }))).toBe(
      "invalid_credentials",
    );
    const named = await device.post("/update-user", { name: "Ada" });
    expect(named.body.user).toMatchObject({ id: userId, name: "Ada" });
    expect(await table.users.findById(userId)).toMatchObject({ name: "Ada" });

    const wrong = { currentPassword: "wrong password", newPassword };
    expect(outcome(await device.post("/change-password", wrong))).toBe("wrong_password");
    const right = { currentPassword: person.password, newPassword };
    expect(outcome(await device.post("/change-password", right))).toBe(200);
    expect([await check(app, phone), await whoIs(device)]).toEqual(["session_ended", userId]);
    expect(outcome(await phone.signIn(person))).toBe("invalid_credentials");
    expect(outcome(await phone.signIn({ ...person, password: newPassword }))).toBe(200);

    expect(outcome(await device.post("/delete-user", { password: "wrong password" }))).toBe("wrong_password");
    const deleted = await device.post("/delete-user", { password: newPassword });
    expect([deleted.status, deleted.body.revoked]).toEqual([200, 2]);
    expect(await table.users.findById(userId)).toBeUndefined();
    for (const one of [device, phone]) expect(await check(app, one)).not.toBe("accepted");
    expect(outcome(await phone.signIn({ ...person, password: newPassword }))).toBe("invalid_credentials");
    expect(app.logged).toEqual([]);
  });

  test("without what a port may leave out: 501 kept_elsewhere, and all else works", async () => {
    const all = ["createUser", "changePassword", "setName", "deleteUser"] as const;
    const { app, table } = await makeSite(kind, all);
    const person = makePerson();
    const userId = await table.add({ ...person, roles: ["admin"] });
    const device = app.device("web");
    expect(outcome(await device.signIn(person))).toBe(200);
    const routes: readonly (readonly [string, object])[] = [
      ["/sign-up/email", { ...makePerson(), client: "web" }],
      ["/change-password", { currentPassword: person.password, newPassword }],
      ["/update-user", { name: "Ada" }],
      ["/delete-user", { password: person.password }],
      ["/admin/create-user", makePerson()],
      ["/admin/remove-user", { userId }],
      ["/admin/set-role", { userId, roles: [] }],
    ];
    for (const [path, body] of routes) {
      const answer = await device.post(path, body);
      expect([path, answer.status, answer.code]).toEqual([path, 501, "kept_elsewhere"]);
      expect(answer.headers.get("retry-after")).toBeNull();
    }
    expect(await whoIs(device)).toBe(userId);
    expect(await table.users.findById(userId)).toMatchObject({ roles: ["admin"], name: null });
    expect(await table.users.checkPassword(userId, person.password)).toBe(true);
    expect(outcome(await device.post("/sign-out", {}))).toBe(200);
  });

  test("an administrator of the application's bans and unbans here; each side lifts its own ban", async () => {
    const { app, table } = await makeSite(kind);
    const [root, person] = [makePerson(), makePerson()];
    await table.add({ ...root, roles: ["admin"] });
    const userId = await table.add(person);
    const admin = app.device("web");
    await admin.signIn(root);
    const device = app.device("mobile");
    await device.signIn(person);
    expect((await admin.post("/admin/ban-user", { userId })).body.revoked).toBe(1);
    expect(await check(app, device)).toBe("session_ended");
    expect(outcome(await device.signIn(person))).toBe("user_banned");
    await table.change(userId, { status: "banned" });
    await app.auth.api.userChanged({ userId });
    const lifted = await admin.post("/admin/unban-user", { userId });
    expect([lifted.status, lifted.body.user?.status]).toEqual([200, "banned"]);
    expect(outcome(await device.signIn(person))).toBe("user_banned");
    await table.change(userId, { status: "active" });
    expect(outcome(await device.signIn(person))).toBe(200);
  });

  test("a demotion in the application's table is in the next refresh, a ban ends it", async () => {
    const { app, table } = await makeSite(kind);
    const person = makePerson();
    const userId = await table.add({ ...person, roles: ["admin"] });
    const device = app.device("pair");
    const { body } = await device.signIn(person);
    const refresh = (refreshToken: string | undefined) =>
      app.device("pair").post("/refresh", { refreshToken });
    app.clock.advanceSeconds(11);
    await table.change(userId, { roles: [] });
    const demoted = await refresh(body.refreshToken);
    expect([demoted.status, demoted.body.user?.roles]).toEqual([200, []]);
    await table.change(userId, { status: "banned" });
    expect(outcome(await refresh(demoted.body.refreshToken))).toBe("session_ended");
    expect(outcome(await device.signIn(person))).toBe("user_banned");
  });
});
