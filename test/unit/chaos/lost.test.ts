import { describe, expect, test } from "vitest";
import {
  cannotTell,
  check,
  credential,
  fault,
  found,
  noAnswer,
  operation,
  refused,
  revoke,
} from "./history.ts";

describe("L: lost sessions", () => {
  test("a session that is refused although nobody ended it is lost", () => {
    expect(found([check(100, "session", refused("session_ended"))])).toEqual(["L"]);
  });

  test.each([
    ["session", { what: "session", session: "s" }],
    ["user", { what: "user" }],
    ["others", { what: "others", keep: "another" }],
    ["renewal", { what: "renewal", keep: "another" }],
  ] as const)("what was ended by a revocation (%s) is not", (_, ends) => {
    expect(found([revoke(50, { ends }), check(100, "session", refused("session_ended"))])).toEqual([]);
  });

  test("a revocation of something else is no cause", () => {
    const other = { ends: { what: "session", session: "another" } } as const;
    const kept = { ends: { what: "others", keep: "s" } } as const;
    const otherUser = { user: "someone" };
    for (const more of [other, kept, otherUser])
      expect(found([revoke(50, more), check(100, "session", refused("session_ended"))])).toEqual(["L"]);
  });

  test("a revocation that was refused, or comes later, is no cause", () => {
    const check100 = check(100, "session", refused("session_ended"));
    expect(found([revoke(50, refused("forbidden", 403)), check100])).toEqual(["L"]);
    expect(found([check100, revoke(200)])).toEqual(["L"]);
  });

  test("a token that is said to have expired has not, but where the clock was just set", () => {
    const early = check(1500, "jwt", refused("access_expired"));
    expect(found([early])).toEqual(["L"]);
    const set = (start: number, learnt: number, end: number, clock = 0) => ({
      faults: [fault(start, end, { clock, learnt, recovered: end + 300 })],
    });
    for (const around of [set(1400, 1600, 9000), set(1504, 1600, 9000), set(0, 100, 1400)])
      expect(found([early], around)).toEqual([]);
    for (const apart of [
      set(0, 1400, 9000),
      set(1600, 1700, 9000),
      set(0, 100, 1100),
      set(1400, 1600, 9000, 1),
    ])
      expect(found([early], apart)).toEqual(["L"]);
    expect(found([check(1500, "jwt", refused("session_ended"))], set(1400, 1600, 9000))).toEqual(["L"]);
  });

  test("503 is not lost", () => {
    expect(found([check(100, "session", cannotTell)])).toEqual([]);
  });

  test("a revocation of which nobody knows the outcome may be the cause", () => {
    expect(found([revoke(50, cannotTell), check(100, "session", refused("session_ended"))])).toEqual([]);
  });

  test("but not once the session was accepted after it was given up: it is not carried out later", () => {
    const late = check(300, "session", refused("session_ended"));
    expect(found([revoke(50, cannotTell), check(100, "session"), late])).toEqual(["L"]);
    // From memory, within the bound, that says nothing.
    expect(found([revoke(50, cannotTell), check(100, "session-live"), late])).toEqual([]);
  });

  test("one without an answer may be at work for a while longer, and while its node stands still", () => {
    const operations = [
      revoke(50, { ...noAnswer, end: 60, code: "cut" }),
      check(100, "session"),
      check(2500, "session", refused("session_ended")),
    ];
    expect(found(operations)).toEqual([]);
    const later = [
      revoke(50, { ...noAnswer, end: 60, code: "cut" }),
      check(4000, "session"),
      check(4100, "session", refused("session_ended")),
    ];
    expect(found(later)).toEqual(["L"]);
    expect(found(later, { faults: [fault(40, 3000, { node: 0 })] })).toEqual([]);
  });

  test("access_expired is fair once the token has expired, and not before", () => {
    const presented = credential("jwt-live", { expires: 5000 });
    expect(found([check(6000, "jwt-live", { presented, ...refused("access_expired") })])).toEqual([]);
    expect(found([check(2000, "jwt-live", { presented, ...refused("access_expired") })])).toEqual(["L"]);
  });

  test("after an older copy of the store was put back nobody can say who is lost", () => {
    const lost = check(300, "session", refused("session_ended"));
    expect(found([lost], { faults: [fault(200, 250, { restored: true })] })).toEqual([]);
    expect(found([lost], { faults: [fault(400, 450, { restored: true })] })).toEqual(["L"]);
  });

  test("what a password change made is not what it ended", () => {
    const change = operation("end", 100, { ends: { what: "renewal", keep: "s" }, password: 1 });
    const renewed = credential("session", { madeFrom: change.start, madeBy: change.end });
    const old = check(200, "session", refused("credential_renewed"));
    expect(found([change, old])).toEqual([]);
    expect(found([change, { ...old, presented: renewed }])).toEqual(["L"]);
  });
});

describe("L: refresh tokens", () => {
  const reused = { presented: credential("jwt-live"), parent: "a", ...refused("refresh_reused") };
  const first = operation("refresh", 100, {
    presented: credential("jwt-live"),
    parent: "a",
    successor: "b",
    key: "k",
  });

  test("taken for theft within the window is a lost session", () => {
    expect(found([first, operation("refresh", 5000, reused)])).toEqual(["L"]);
  });

  test("later than the window, by another client, it is by the rules", () => {
    expect(found([first, operation("refresh", 20_000, reused)])).toEqual([]);
    expect(found([first, operation("refresh", 20_000, { ...reused, key: "other" })])).toEqual([]);
  });

  test("with its own key it may come again at any time", () => {
    expect(found([first, operation("refresh", 20_000, { ...reused, key: "k" })])).toEqual(["L"]);
  });

  test("once the successor was used it is theft", () => {
    const second = operation("refresh", 200, {
      presented: credential("jwt-live"),
      parent: "b",
      successor: "c",
    });
    expect(found([first, second, operation("refresh", 300, reused)])).toEqual([]);
  });

  test("what theft ended is refused fairly from then on", () => {
    const theft = operation("refresh", 20_000, reused);
    expect(found([first, theft, check(20_100, "session", refused("session_ended"))])).toEqual([]);
  });
});

describe("L: signing in", () => {
  const signIn = operation("sign-in", 1000, { password: 0, ...refused("invalid_credentials") });

  test("the right password is not wrong", () => {
    expect(found([signIn])).toEqual(["L"]);
    expect(
      found([operation("end", 10, { ends: { what: "user" }, password: 1, ...cannotTell }), signIn]),
    ).toEqual([]);
  });

  test("whoever is not banned is let in", () => {
    const banned = { ...signIn, ...refused("user_banned", 403) };
    const ban = operation("end", 10, { ends: { what: "user" }, bans: true });
    expect(found([banned])).toEqual(["L"]);
    expect(found([ban, banned])).toEqual([]);
    expect(found([ban, operation("unban", 100), banned])).toEqual(["L"]);
  });
});
