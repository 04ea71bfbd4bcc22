import { describe, expect, test } from "vitest";
import { cannotTell, check, credential, fault, found, operation, revoke } from "./history.ts";

describe("V: let in after the bound", () => {
  test.each([
    ["session", 0],
    ["jwt-denylist", 0],
    ["jwt-allowlist", 0],
    ["session-live", 1000],
    ["jwt-live", 1000],
  ])("%s: no later than %d ms after the answer", (strategy, bound) => {
    expect(found([revoke(50), check(55 + bound, strategy)])).toEqual([]);
    expect(found([revoke(50), check(56 + bound, strategy)])).toEqual(["V"]);
  });

  test("what was sent before the revocation was answered may be accepted, however late the answer", () => {
    expect(found([revoke(50), check(54, "session", { end: 200 })])).toEqual([]);
  });

  test("jwt: until it expires", () => {
    const presented = credential("jwt", { expires: 5000 });
    expect(found([revoke(50), check(4000, "jwt", { presented })])).toEqual([]);
    expect(found([revoke(50), check(6100, "jwt", { presented })])).toEqual(["V"]);
  });

  test("after a complete receipt nobody accepts it", () => {
    expect(found([revoke(50, { complete: true }), check(56, "jwt-live")])).toEqual(["V"]);
    expect(found([revoke(50, { complete: false }), check(56, "jwt-live")])).toEqual([]);
  });

  test("a refresh and a write ask the store: no bound", () => {
    for (const kind of ["refresh", "work", "get"] as const) {
      const used = operation(kind, 60, { presented: credential("jwt-live"), parent: "a", successor: "a" });
      expect(found([revoke(50), used])).toEqual(["V"]);
    }
  });

  test("a revocation of which nobody knows the outcome forbids nothing", () => {
    expect(found([revoke(50, cannotTell), check(100, "session")])).toEqual([]);
  });

  test("what was signed in meanwhile may have come after it", () => {
    const presented = credential("session", { madeFrom: 52, madeBy: 60 });
    expect(found([revoke(50, { ends: { what: "user" } }), check(100, "session", { presented })])).toEqual([]);
  });

  test("a password change ends the earlier credentials of the session that it keeps, not the new one", () => {
    const change = operation("end", 50, { ends: { what: "renewal", keep: "s" }, password: 1 });
    const renewed = credential("session", { madeFrom: change.start, madeBy: change.end });
    expect(found([change, check(100, "session")])).toEqual(["V"]);
    expect(found([change, check(100, "session", { presented: renewed })])).toEqual([]);
  });

  test("nobody signs in while banned, nor with a password that was changed", () => {
    const ban = operation("end", 10, { ends: { what: "user" }, bans: true });
    const signIn = operation("sign-in", 100, { password: 0, made: "new" });
    expect(found([ban, signIn])).toEqual(["V"]);
    expect(found([ban, operation("unban", 50, cannotTell), signIn])).toEqual([]);
    expect(found([operation("end", 10, { ends: { what: "user" }, password: 1 }), signIn])).toEqual(["V"]);
  });

  test("roles are those that were set, after the bound", () => {
    const set = operation("set-role", 50, { roles: "editor" });
    expect(found([set, check(60, "session", { roles: "" })])).toEqual(["V"]);
    expect(found([set, check(60, "session", { roles: "editor" })])).toEqual([]);
    expect(found([set, check(900, "jwt-live", { roles: "" })])).toEqual([]);
    expect(found([set, check(1100, "jwt-live", { roles: "" })])).toEqual(["V"]);
    expect(found([set, check(9000, "jwt", { roles: "" })])).toEqual([]);
    expect(found([{ ...set, ...cannotTell }, check(60, "session", { roles: "" })])).toEqual([]);
  });

  test("while an older copy of the store comes back what it lacks is excused, and only then", () => {
    const faults = [fault(1000, 1100, { restored: true })];
    expect(found([revoke(50), check(1050, "session")], { faults })).toEqual([]);
    expect(found([revoke(50), check(900, "session")], { faults })).toEqual(["V"]);
    expect(found([revoke(50), check(1101, "session")], { faults })).toEqual(["V"]);
    expect(
      found([revoke(1120), check(1150, "session")], {
        faults: [fault(1000, 1100, { restored: true, recovered: 9000 })],
      }),
    ).toEqual(["V"]);
  });
});
