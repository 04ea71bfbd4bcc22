import { describe, expect, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, signUp } from "../../support/stage.ts";
import { memoryTable } from "../../support/users/memory-table.ts";
import { check, codeOf, comeIn, email, makeUsersStage, refreshTokenOf } from "./stage.ts";

const missing = { ok: false, code: "user_not_found" };

describe("userChanged", () => {
  test.each<[what: string, members: object, changed: readonly string[], seen: object]>([
    ["nothing", {}, [], {}],
    ["another name", { name: "Anna" }, ["name"], { name: "Anna" }],
    ["another address", { email: "anna@example.com" }, ["email"], { email: "anna@example.com" }],
    ["the same address in capitals", { email: "ADA@example.com" }, [], { email }],
    ["other roles", { roles: ["admin"] }, ["roles"], { roles: ["admin"] }],
    [
      "the same roles, each as often as there are rows",
      { roles: ["editor", "editor"] },
      [],
      { roles: ["editor"] },
    ],
    ["no roles", { roles: [] }, ["roles"], { roles: [] }],
    ["several at once", { name: null, roles: [] }, ["name", "roles"], { name: null, roles: [] }],
  ])("%s: says what, and ends nothing", async (_, members, changed, seen) => {
    const stage = await makeUsersStage();
    const signedIn = await comeIn(stage);
    await stage.table.change(stage.userId, members);
    const answer = await stage.auth.api.userChanged({ userId: stage.userId });
    const user = { ...signedIn.user, ...seen };
    expect(answer).toEqual({ ok: true, user, changed, revoked: 0 });
    expect(await stage.auth.api.getUser({ userId: stage.userId })).toEqual(user);
    expect(await check(stage, signedIn)).toBe("ok");
    const again = await stage.auth.api.userChanged({ userId: stage.userId });
    expect(again).toEqual({ ok: true, user, changed: [], revoked: 0 });
  });

  test("a ban ends every session at once, and raises version and epoch", async () => {
    const stage = await makeUsersStage();
    const all = [await comeIn(stage), await comeIn(stage, "pair"), await comeIn(stage)];
    const { userId } = stage;
    await stage.table.change(userId, { status: "banned" });
    for (const one of all) expect(await check(stage, one), "until we are told").toBe("ok");
    const answer = await stage.auth.api.userChanged({ userId });
    const user = { ...all[0]?.user, status: "banned" };
    expect(answer).toEqual({ ok: true, user, changed: ["banned"], revoked: 3 });
    for (const one of all) expect(await check(stage, one)).toBe("session_ended");
    const found = await stage.store.findUser({ id: userId });
    expect([(found?.version ?? 0) > 0, (found?.epoch ?? 0) > 0]).toEqual([true, true]);
    await stage.table.change(userId, { status: "active" });
    const lifted = await stage.auth.api.userChanged({ userId });
    expect(lifted).toMatchObject({ changed: ["unbanned"], user: { status: "active" }, revoked: 0 });
    for (const one of all) expect(await check(stage, one)).toBe("session_ended");
  });

  test("a user who is gone is deleted with every session, and begins anew if they come back", async () => {
    const stage = await makeUsersStage();
    const signedIn = await comeIn(stage);
    const refreshToken = refreshTokenOf(await comeIn(stage, "pair"));
    const row = stage.table.rows.get(stage.userId);
    await stage.table.remove(stage.userId);
    const answer = await stage.auth.api.userChanged({ userId: stage.userId });
    expect(answer).toEqual({ ok: true, user: null, changed: ["deleted"], revoked: 2 });
    expect(await check(stage, signedIn)).toBe("session_ended");
    expect(await stage.auth.api.getUser({ userId: stage.userId })).toBeUndefined();
    expect(await stage.auth.api.userChanged({ userId: stage.userId })).toEqual(missing);
    if (row !== undefined) stage.table.rows.set(row.id, row);
    const back = await comeIn(stage);
    expect(await check(stage, back)).toBe("ok");
    expect(await check(stage, signedIn)).toBe("session_ended");
    expect(codeOf(await stage.auth.api.refresh({ refreshToken }))).toBe("session_ended");
    expect((await stage.store.findUser({ id: stage.userId }))?.epoch).toBeGreaterThan(0);
  });

  test("deletes no account of our own, of which the table never knew: but nobody stays in with it", async () => {
    const before = makeStage({ clients: { pair: { transport: "bearer", strategy: "jwt-denylist" } } });
    const own = await signUp(before.auth, "own@example.com");
    const stage = await makeUsersStage({ store: before.store });
    const refreshed = await stage.auth.api.refresh({ refreshToken: refreshTokenOf(own) });
    expect(codeOf(refreshed)).toBe("session_ended");
    expect(await stage.auth.api.userChanged({ userId: own.user.id })).toEqual(missing);
    const [event] = await stage.auth.api.listEvents({ limit: 1 });
    expect(event).toMatchObject({ type: "sessions_revoked", userId: own.user.id });
    const kept = await stage.store.findUser({ id: own.user.id });
    expect(kept?.passwordHash).not.toBeNull();
    const attempt = { email: "own@example.com", password, client: "app" };
    expect(codeOf(await stage.auth.api.signInEmail(attempt))).toBe("invalid_credentials");
    expect(codeOf(await before.auth.api.signInEmail({ ...attempt, client: "pair" }))).toBe("ok");
  });

  test("goes on with an account of our own whose id the table took over", async () => {
    const before = makeStage({ clients: { pair: { transport: "bearer", strategy: "jwt-denylist" } } });
    const own = await signUp(before.auth, email);
    const stage = await makeUsersStage({ store: before.store });
    stage.table.rows.clear();
    const row = {
      id: own.user.id,
      email,
      name: "Ada",
      roles: ["editor"],
      status: "active",
      password,
    } as const;
    stage.table.rows.set(row.id, row);
    const refreshed = await stage.auth.api.refresh({ refreshToken: refreshTokenOf(own) });
    expect(refreshed.ok && refreshed.user).toMatchObject({ id: own.user.id, name: "Ada", roles: ["editor"] });
    expect((await comeIn(stage)).user.id).toBe(own.user.id);
  });

  test("makes the record of somebody who never came in, so that an administrator finds them", async () => {
    const stage = await makeUsersStage();
    const answer = await stage.auth.api.userChanged({ userId: stage.userId });
    expect(answer).toMatchObject({ changed: ["created"], user: { id: stage.userId, email } });
    expect(await stage.auth.api.listUsers()).toHaveLength(1);
    expect(await stage.auth.api.userChanged({ userId: "nobody" })).toEqual(missing);
  });

  test("is written down with who called it, and told to listeners", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    const told: string[] = [];
    stage.auth.on("*", ({ type }) => told.push(type));
    const { userId } = stage;
    await stage.table.change(userId, { roles: ["admin"], status: "banned" });
    await stage.auth.api.userChanged({ userId }, { actor: "root", remoteAddress: "192.0.2.9" });
    await stage.table.remove(userId);
    await stage.auth.api.userChanged({ userId }, { actor: "root" });
    await stage.auth.api.userChanged({ userId }, { actor: "root" });
    expect(told).toEqual(["user_synced", "user_deleted"]);
    const [deleted, synced] = await stage.auth.api.listEvents({ limit: 2 });
    const detail = { changed: ["roles", "banned"], roles: ["admin"], status: "banned" };
    expect(synced).toMatchObject({ type: "user_synced", actorId: "root", userId, ip: "192.0.2.9", detail });
    expect(deleted).toMatchObject({ type: "user_deleted", actorId: "root", userId, detail: { gone: true } });
  });

  test("without a table of the application's there is nothing to read", async () => {
    const { auth } = makeStage();
    const { user } = await signUp(auth, email);
    expect(await auth.api.userChanged({ userId: user.id })).toEqual({
      ok: true,
      user,
      changed: [],
      revoked: 0,
    });
    expect(await auth.api.userChanged({ userId: "nobody" })).toEqual(missing);
  });
});

describe("a refresh reads the application's table", () => {
  test("a ban there fails the next one, without anybody saying so", async () => {
    const stage = await makeUsersStage();
    const pair = await comeIn(stage, "pair");
    const other = await comeIn(stage);
    await stage.table.change(stage.userId, { status: "banned" });
    const refreshed = await stage.auth.api.refresh({ refreshToken: refreshTokenOf(pair) });
    expect(codeOf(refreshed)).toBe("session_ended");
    for (const one of [pair, other]) expect(await check(stage, one)).toBe("session_ended");
    const [event] = await stage.auth.api.listEvents({ type: "user_synced", limit: 1 });
    expect(event).toMatchObject({ actorId: null, detail: { changed: ["banned"] } });
  });

  test("other roles stand in the next access token, and a record of them raises the version", async () => {
    const stage = await makeUsersStage();
    const pair = await comeIn(stage, "pair");
    await stage.table.change(stage.userId, { roles: ["admin"] });
    const refreshed = await stage.auth.api.refresh({ refreshToken: refreshTokenOf(pair) });
    if (!refreshed.ok || !("accessToken" in refreshed.credentials)) return expect.fail("not refreshed");
    expect(refreshed.user.roles).toEqual(["admin"]);
    const [, payload = ""] = refreshed.credentials.accessToken.split(".");
    const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
    expect(claims).toMatchObject({ roles: ["admin"] });
    expect(claims.ver).toBeGreaterThan(0);
  });

  test("who is gone there is gone here", async () => {
    const stage = await makeUsersStage();
    const pair = await comeIn(stage, "pair");
    await stage.table.remove(stage.userId);
    const refreshed = await stage.auth.api.refresh({ refreshToken: refreshTokenOf(pair) });
    expect(codeOf(refreshed)).toBe("session_ended");
    expect(await stage.auth.api.getUser({ userId: stage.userId })).toBeUndefined();
  });

  test("also a repeated one within the grace window", async () => {
    const stage = await makeUsersStage();
    const refreshToken = refreshTokenOf(await comeIn(stage, "pair"));
    expect(codeOf(await stage.auth.api.refresh({ refreshToken }))).toBe("ok");
    await stage.table.change(stage.userId, { status: "banned" });
    expect(codeOf(await stage.auth.api.refresh({ refreshToken }))).toBe("session_ended");
  });

  test("but not for a token that is forged, foreign or replaced", async () => {
    const stage = await makeUsersStage();
    const refreshToken = refreshTokenOf(await comeIn(stage, "pair"));
    await stage.auth.api.revokeSessions({ userId: stage.userId });
    stage.asked();
    for (const token of [refreshToken, `${refreshToken.slice(0, -1)}x`, "lkr_x"])
      expect(codeOf(await stage.auth.api.refresh({ refreshToken: token }))).not.toBe("ok");
    expect(stage.asked()).toEqual([]);
  });
});

test("every other check goes by our record, and asks the application nothing", async () => {
  const billing = "https://billing.example";
  const stage = await makeUsersStage({ audiences: { [billing]: {} } });
  const all = [await comeIn(stage), await comeIn(stage, "pair")];
  await stage.table.change(stage.userId, { roles: ["admin"], name: "Anna" });
  stage.asked();
  const { auth, userId } = stage;
  for (const one of all) {
    expect(await check(stage, one)).toBe("ok");
    const request = bearerRequest(credentialOf(one));
    const current = await auth.authenticate(request);
    if (!current.ok) return expect.fail(current.code);
    expect(current.user.roles).toEqual(["editor"]);
    expect(await current.load()).toMatchObject({ user: { name: "Ada", roles: ["editor"] } });
    expect(await auth.api.getSession(request)).toMatchObject({ user: { name: "Ada" } });
    expect(codeOf(await auth.api.exchangeToken({ current, audience: billing }))).toBe("ok");
  }
  await auth.api.getUser({ userId });
  await auth.api.getUser({ email });
  await auth.api.listUsers();
  await auth.api.listSessions({ userId });
  await auth.api.hasRole({ role: "editor" });
  await auth.api.revokeSessions({ userId });
  expect(stage.asked()).toEqual([]);
});

describe("a ban has two locks", () => {
  test("ours is not lifted by a table that says active: not by sign-in, refresh or userChanged", async () => {
    const stage = await makeUsersStage();
    const pair = await comeIn(stage, "pair");
    const { userId, auth, table } = stage;
    await auth.api.banUser({ userId, reason: "spam" });
    const signIn = (): Promise<string> =>
      auth.api.signInEmail({ email, password, client: "app" }).then(codeOf);
    expect(await signIn()).toBe("user_banned");
    await table.change(userId, { name: "Anna", roles: ["admin"] });
    expect(await auth.api.userChanged({ userId })).toMatchObject({ user: { status: "banned" } });
    expect(codeOf(await auth.api.refresh({ refreshToken: refreshTokenOf(pair) }))).toBe("session_ended");
    await table.change(userId, { status: "banned" });
    await auth.api.userChanged({ userId });
    await table.change(userId, { status: "active" });
    await auth.api.userChanged({ userId });
    expect(await signIn(), "after theirs came and went").toBe("user_banned");
    expect(await stage.store.findUser({ id: userId })).toMatchObject({ banReason: "spam" });
    await auth.api.unbanUser({ userId });
    expect(await signIn()).toBe("ok");
  });

  test("theirs is not lifted by an unban of ours, which says so", async () => {
    const stage = await makeUsersStage();
    const { userId, auth, table } = stage;
    await table.change(userId, { status: "banned" });
    await auth.api.userChanged({ userId });
    expect(await auth.api.unbanUser({ userId })).toMatchObject({ ok: true, user: { status: "banned" } });
    await auth.api.banUser({ userId });
    expect(await auth.api.unbanUser({ userId })).toMatchObject({ ok: true, user: { status: "banned" } });
    expect(codeOf(await auth.api.signInEmail({ email, password, client: "app" }))).toBe("user_banned");
    expect(await auth.api.listUsers({ status: "banned" })).toHaveLength(1);
  });

  test("somebody who never came in can be banned, and is when they come", async () => {
    const stage = await makeUsersStage();
    const { userId, auth } = stage;
    expect(await auth.api.banUser({ userId })).toEqual({ ok: true, revoked: 0 });
    expect(codeOf(await auth.api.signInEmail({ email, password, client: "app" }))).toBe("user_banned");
    expect(await auth.api.banUser({ userId: "nobody" })).toEqual(missing);
  });
});

describe("roles have one owner", () => {
  test("where the table keeps them, they are not ours to set", async () => {
    const stage = await makeUsersStage();
    const { userId, auth } = stage;
    const kept = { ok: false, code: "kept_elsewhere" };
    expect(await auth.api.setRole({ userId, roles: ["admin"] }), "of somebody new").toEqual(kept);
    await comeIn(stage);
    expect(await auth.api.setRole({ userId, roles: ["admin"] })).toEqual(kept);
    expect((await comeIn(stage)).user.roles).toEqual(["editor"]);
  });

  test("where it keeps none, they are ours, and no look at the table takes them away", async () => {
    const stage = await makeUsersStage({}, memoryTable({ keepsStanding: false }));
    const { userId, auth, table } = stage;
    expect(codeOf(await auth.api.setRole({ userId, roles: ["admin"] })), "of somebody new").toBe("ok");
    await table.change(userId, { name: "Anna" });
    expect(await auth.api.userChanged({ userId })).toMatchObject({ user: { roles: ["admin"] } });
    expect((await comeIn(stage, "pair")).user.roles).toEqual(["admin"]);
  });
});
