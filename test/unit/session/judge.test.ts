import { describe, expect, test } from "vitest";
import { judgeSession, judgeUser } from "../../../packages/latchkey/src/session/judge.ts";
import type {
  SessionId,
  SessionRead,
  SessionRecord,
  TokenHash,
  UserRecord,
} from "../../../packages/latchkey/src/types.ts";

const now = 1_800_000_000_000;

const user: UserRecord = {
  id: "user-1",
  email: "ada@example.com",
  name: null,
  roles: [],
  status: "active",
  bannedUntil: null,
  banReason: null,
  externalBan: false,
  externalRoles: false,
  createdAt: 0,
  version: 4,
  epoch: 2,
  passwordHash: null,
  audiences: [],
};

const session: SessionRecord = {
  id: "AAAAAAAAAAAAAAAAAAAAAA" as SessionId,
  userId: "user-1",
  client: "web",
  createdAt: now - 3_600_000,
  lastSeenAt: now - 60_000,
  expiresAt: now + 3_600_000,
  idleTimeout: 600,
  authTime: now - 3_600_000,
  amr: ["pwd"],
  ip: null,
  userAgent: null,
  data: {},
  epoch: 5,
  userEpoch: 2,
  globalEpoch: 7,
  version: 0,
  tokenHash: "hash" as TokenHash,
  generation: 0,
  rotatedAt: now - 3_600_000,
  refreshSalt: null,
  rotationKey: null,
  endedAt: null,
  endReason: null,
  audiences: [],
};

interface Differences {
  readonly session?: Partial<SessionRecord>;
  readonly user?: Partial<UserRecord>;
  readonly read?: Partial<SessionRead>;
}

/** The verdict on a session that holds, but for these differences. */
function verdict(differences: Differences, client = "web"): string {
  const read: SessionRead = {
    session: { ...session, ...differences.session },
    user: { ...user, ...differences.user },
    globalEpoch: 7,
    keysVersion: 1,
    now,
    ...differences.read,
  };
  const judged = judgeSession(read, client);
  return judged.ok ? "holds" : judged.code;
}

describe("judgeSession", () => {
  test("a session that holds comes with its user", () => {
    const judged = judgeSession({ session, user, globalEpoch: 7, keysVersion: 1, now }, "web");
    expect(judged).toMatchObject({ ok: true, session, user });
  });

  test.each<[name: string, differences: Differences, expected: string]>([
    ["there is no row", { read: { session: undefined } }, "session_ended"],
    ["the user was deleted", { read: { user: undefined } }, "session_ended"],
    ["it was ended", { session: { endedAt: now - 1 } }, "session_ended"],
    ["it was ended in 1970", { session: { endedAt: 0 } }, "session_ended"],
    ["it was ended by a clock that is ahead", { session: { endedAt: now + 9999 } }, "session_ended"],

    ["P1: the user's epoch is higher", { session: { userEpoch: 1 } }, "session_ended"],
    ["P1: the user's epoch is much higher", { user: { epoch: 99 } }, "session_ended"],
    ["P1: the session's is higher than the user's", { session: { userEpoch: 3 } }, "holds"],
    ["P1: the global epoch is higher", { session: { globalEpoch: 6 } }, "session_ended"],
    ["P1: the global epoch was raised", { read: { globalEpoch: 8 } }, "session_ended"],
    ["P1: the session's is higher than the global one", { session: { globalEpoch: 8 } }, "holds"],
    ["no times are compared: made after now", { session: { createdAt: now + 1 } }, "holds"],
    ["a version counts for nothing", { user: { version: 0 }, session: { version: 9, epoch: 0 } }, "holds"],

    ["the user is banned without end", { user: { status: "banned" } }, "account_unavailable"],
    ["banned until later", { user: { status: "banned", bannedUntil: now + 1 } }, "account_unavailable"],
    ["banned until now", { user: { status: "banned", bannedUntil: now } }, "holds"],
    ["banned until before", { user: { status: "banned", bannedUntil: now - 1 } }, "holds"],
    ["banned by the application", { user: { externalBan: true } }, "account_unavailable"],
    [
      "banned by the application, and until before by us",
      { user: { externalBan: true, status: "banned", bannedUntil: now - 1 } },
      "account_unavailable",
    ],
    ["not banned, with an old end", { user: { bannedUntil: now + 1 } }, "holds"],
    [
      "a ban that is over revives no older session",
      { user: { status: "banned", bannedUntil: now - 1, epoch: 3 } },
      "session_ended",
    ],

    ["absolute end in 1 ms", { session: { expiresAt: now + 1 } }, "holds"],
    ["absolute end now", { session: { expiresAt: now } }, "session_expired"],
    ["absolute end over", { session: { expiresAt: now - 1 } }, "session_expired"],
    ["idle end in 1 ms", { session: { lastSeenAt: now - 599_999 } }, "holds"],
    ["idle end now", { session: { lastSeenAt: now - 600_000 } }, "session_expired"],
    ["idle end over", { session: { lastSeenAt: now - 600_001 } }, "session_expired"],
    ["no idle limit", { session: { lastSeenAt: 0, idleTimeout: null } }, "holds"],
    ["no idle limit, absolute end", { session: { idleTimeout: null, expiresAt: now } }, "session_expired"],
    ["seen by a clock that is ahead", { session: { lastSeenAt: now + 9999 } }, "holds"],
  ])("%s: %s", (_, differences, expected) => {
    expect(verdict(differences)).toBe(expected);
  });

  test("the session of another client is no credential here", () => {
    expect(verdict({}, "mobile")).toBe("credential_invalid");
    expect(verdict({}, "Web")).toBe("credential_invalid");
    expect(verdict({}, "")).toBe("credential_invalid");
  });

  test("that it ended or its user is banned is said before that it expired", () => {
    const expired = { expiresAt: now - 1 };
    expect(verdict({ session: { ...expired, endedAt: now } })).toBe("session_ended");
    expect(verdict({ session: { ...expired, userEpoch: 0 } })).toBe("session_ended");
    expect(verdict({ session: expired, user: { status: "banned" } })).toBe("account_unavailable");
  });
});

describe("judgeUser, where there is no session row", () => {
  test.each<
    [name: string, read: Partial<SessionRead>, issued: [global: number, user: number], expected: string]
  >([
    ["all is as it was", {}, [7, 2], "holds"],
    ["the user was deleted", { user: undefined }, [7, 2], "session_ended"],
    ["the user's epoch is higher", {}, [7, 1], "session_ended"],
    ["the global epoch is higher", {}, [6, 2], "session_ended"],
    ["both of the token are higher", {}, [8, 3], "holds"],
    ["banned", { user: { ...user, status: "banned" } }, [7, 2], "account_unavailable"],
    ["banned until now", { user: { ...user, status: "banned", bannedUntil: now } }, [7, 2], "holds"],
  ])("%s: %s", (_, differences, [global, issuedUser], expected) => {
    const read = { session: undefined, user, globalEpoch: 7, keysVersion: 1, now, ...differences };
    const judged = judgeUser(read, { global, user: issuedUser });
    expect(judged.ok ? "holds" : judged.code).toBe(expected);
  });
});
