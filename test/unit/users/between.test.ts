import { describe, expect, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, password } from "../../support/stage.ts";
import { codeOf, comeIn, email, makeUsersStage, refreshTokenOf, type UsersStage } from "./stage.ts";

// What happens between two looks of one call (P2). Each test stops the call behind one of its steps.

const banned = { status: "banned" } as const;
const active = { status: "active" } as const;

async function attempt({ auth }: UsersStage, given = password): Promise<string> {
  return codeOf(await auth.api.signInEmail({ email, password: given, client: "app" }));
}

async function live({ auth, userId }: UsersStage): Promise<number> {
  return (await auth.api.listSessions({ userId })).length;
}

/** A ban in the application's table that we are told of, and its end. */
async function banAndTell({ auth, table, userId }: UsersStage): Promise<void> {
  await table.change(userId, banned);
  await auth.api.userChanged({ userId });
}

async function unbanAndTell({ auth, table, userId }: UsersStage): Promise<void> {
  await table.change(userId, active);
  await auth.api.userChanged({ userId });
}

describe.each(["findByEmail", "checkPassword", "findById"] as const)("a sign-in that has seen %s", (seen) => {
  describe.each(["known", "new"])("of somebody %s to us", (who) => {
    async function make(): Promise<UsersStage> {
      const stage = await makeUsersStage();
      if (who === "known") await comeIn(stage);
      return stage;
    }

    test("meets a ban of the application's", async () => {
      const stage = await make();
      stage.table.meanwhile(seen, () => banAndTell(stage));
      expect(await attempt(stage)).toBe("user_banned");
      expect(await live(stage)).toBe(0);
    });

    test("meets a ban of ours", async () => {
      const stage = await make();
      stage.table.meanwhile(seen, () => stage.auth.api.banUser({ userId: stage.userId }));
      expect(await attempt(stage)).toBe("user_banned");
      expect(await live(stage)).toBe(0);
      expect(await stage.store.findUser({ id: stage.userId })).toMatchObject({
        ...banned,
        externalBan: false,
      });
    });

    test("does not undo roles that were taken", async () => {
      const stage = await make();
      await stage.table.change(stage.userId, { roles: ["admin"] });
      stage.table.meanwhile(seen, async () => {
        await stage.table.change(stage.userId, { roles: [] });
        await stage.auth.api.userChanged({ userId: stage.userId });
      });
      const signedIn = await stage.auth.api.signInEmail({ email, password, client: "app" });
      expect(signedIn.ok && signedIn.user.roles).toEqual([]);
      expect(await stage.store.findUser({ id: stage.userId })).toMatchObject({ roles: [] });
    });

    test("does not bring back who is gone", async () => {
      const stage = await make();
      stage.table.meanwhile(seen, async () => {
        await stage.table.remove(stage.userId);
        await stage.auth.api.userChanged({ userId: stage.userId });
      });
      expect(await attempt(stage)).toBe("invalid_credentials");
      expect(await stage.store.findUser({ id: stage.userId })).toBeUndefined();
    });

    test("with the password of before finds that all was signed out by the new one", async () => {
      const stage = await make();
      stage.table.meanwhile(seen, async () => {
        const row = stage.table.rows.get(stage.userId);
        if (row !== undefined) row.password = "another horse battery";
        await stage.auth.api.revokeSessions({ userId: stage.userId });
      });
      expect(await attempt(stage)).toBe("invalid_credentials");
      expect(await live(stage)).toBe(0);
    });
  });

  test("of somebody new to us, who was banned and let off again, starts over", async () => {
    const stage = await makeUsersStage();
    stage.table.meanwhile(seen, async () => {
      await banAndTell(stage);
      await unbanAndTell(stage);
    });
    expect(await attempt(stage)).toBe("ok");
    const checks = stage.asked().filter((method) => method === "checkPassword");
    // The password of before the ban does not count after it, unless it was not looked at yet.
    expect(checks.length).toBe(seen === "findByEmail" ? 1 : 2);
  });
});

describe("a refresh that has seen the application's table", () => {
  async function make(): Promise<{ stage: UsersStage; refresh: () => Promise<string> }> {
    const stage = await makeUsersStage();
    const refreshToken = refreshTokenOf(await comeIn(stage, "pair"));
    const refresh = async (): Promise<string> => codeOf(await stage.auth.api.refresh({ refreshToken }));
    return { stage, refresh };
  }

  test("meets a ban of the application's, and does not lift it", async () => {
    const { stage, refresh } = await make();
    // The record has fallen behind, so that the refresh has something to write.
    await stage.table.change(stage.userId, { name: "Anna" });
    stage.table.meanwhile("findById", () => banAndTell(stage));
    expect(await refresh()).toBe("session_ended");
    expect(await stage.store.findUser({ id: stage.userId })).toMatchObject({
      externalBan: true,
      name: "Anna",
    });
    expect(await live(stage)).toBe(0);
  });

  test("does not undo roles that were taken", async () => {
    const { stage, refresh } = await make();
    await stage.table.change(stage.userId, { roles: ["admin"] });
    stage.table.meanwhile("findById", async () => {
      await stage.table.change(stage.userId, { roles: [] });
      await stage.auth.api.userChanged({ userId: stage.userId });
    });
    expect(await refresh()).toBe("ok");
    expect(await stage.store.findUser({ id: stage.userId })).toMatchObject({ roles: [] });
  });

  test("does not bring back who is gone", async () => {
    const { stage, refresh } = await make();
    await stage.table.change(stage.userId, { name: "Anna" });
    stage.table.meanwhile("findById", async () => {
      await stage.table.remove(stage.userId);
      await stage.auth.api.userChanged({ userId: stage.userId });
    });
    expect(await refresh()).toBe("session_ended");
    expect(await stage.store.findUser({ id: stage.userId })).toBeUndefined();
  });
});

describe("userChanged that has seen the application's table", () => {
  test("does not delete who was gone then and is back by now", async () => {
    const stage = await makeUsersStage();
    await comeIn(stage);
    const { auth, table, userId } = stage;
    const row = table.rows.get(userId);
    await table.remove(userId);
    table.meanwhile("findById", async () => {
      expect(await auth.api.userChanged({ userId })).toMatchObject({ changed: ["deleted"] });
      if (row !== undefined) table.rows.set(userId, row);
      expect(await attempt(stage)).toBe("ok");
    });
    expect(await auth.api.userChanged({ userId })).toMatchObject({ changed: [], user: { id: userId } });
    expect(await live(stage)).toBe(1);
  });

  test("of somebody new to us does not keep who goes at that moment", async () => {
    const stage = await makeUsersStage();
    const { auth, table, userId } = stage;
    table.meanwhile("findById", async () => {
      await table.remove(userId);
      expect(await auth.api.userChanged({ userId })).toEqual({ ok: false, code: "user_not_found" });
    });
    expect(await auth.api.userChanged({ userId })).toMatchObject({
      user: null,
      changed: ["created", "deleted"],
    });
    expect(await stage.store.findUser({ id: userId })).toBeUndefined();
  });
});

describe("a password change", () => {
  const next = "another horse battery";

  async function change(stage: UsersStage, signedIn: Awaited<ReturnType<typeof comeIn>>): Promise<string> {
    const current = await stage.auth.authenticate(bearerRequest(credentialOf(signedIn)));
    if (!current.ok) throw new Error(current.code);
    const input = { current, currentPassword: password, newPassword: next };
    return codeOf(await stage.auth.api.changePassword(input));
  }

  test("puts out whoever came in with the old one while the table was changing it", async () => {
    const stage = await makeUsersStage();
    const signedIn = await comeIn(stage);
    stage.table.meanwhile("changePassword", async () => {
      const row = stage.table.rows.get(stage.userId);
      // The other's password was looked at just before.
      if (row !== undefined) row.password = password;
      await comeIn(stage);
      if (row !== undefined) row.password = next;
    });
    expect(await change(stage, signedIn)).toBe("ok");
    expect(await live(stage)).toBe(1);
  });

  test("whose own session was ended meanwhile leaves nothing live", async () => {
    const stage = await makeUsersStage();
    const signedIn = await comeIn(stage);
    stage.table.meanwhile("changePassword", async () => {
      await stage.auth.api.revokeSessions({ userId: stage.userId });
      const row = stage.table.rows.get(stage.userId);
      if (row !== undefined) row.password = password;
      await comeIn(stage);
      if (row !== undefined) row.password = next;
    });
    expect(await change(stage, signedIn)).toBe("session_ended");
    expect(await live(stage), "of those who came in with the old one").toBe(0);
    expect(await attempt(stage, next)).toBe("ok");
  });
});
