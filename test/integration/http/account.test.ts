import { describe, expect, test } from "vitest";
import {
  check,
  clientNames,
  makeApp,
  origin,
  outcome,
  sessionClients,
  whoIs,
} from "../../support/http/app.ts";
import type { Device } from "../../support/http/device.ts";
import { heldHasher } from "../../support/http/hasher.ts";
import { stores } from "../../support/http/stores.ts";

const newPassword = "another long password";

/** Every route of the account that has no effect on who is signed in where. */
const harmless = [
  ["GET", "/list-sessions", undefined],
  ["POST", "/update-user", { name: "Eve" }],
  ["POST", "/revoke-session", { id: "any" }],
  ["POST", "/revoke-other-sessions", undefined],
  ["POST", "/revoke-sessions", undefined],
  ["POST", "/update-session", { data: {} }],
  ["POST", "/change-password", { currentPassword: "some password", newPassword }],
  ["POST", "/delete-user", { password: "some password" }],
] as const;

async function expectRefused(device: Device, code: string): Promise<void> {
  for (const [method, path, body] of harmless) {
    expect([path, outcome(await device.send(method, path, body))]).toEqual([path, code]);
  }
}

describe.each(stores)("over $name", (kind) => {
  describe.each(sessionClients)("a password change by client %s", (client) => {
    test("puts the others out and gives this one a new credential for the same session", async () => {
      const app = await makeApp({ kind });
      const { device, person, userId, sessionId } = await app.arrive(client);
      const others = [app.device("web"), app.device("mobile")];
      for (const other of others) await other.signIn(person);
      const before = device.copy();
      const answer = await device.post("/change-password", { currentPassword: person.password, newPassword });
      expect(answer.status).toBe(200);
      expect(answer.body.session?.id).toBe(sessionId);
      expect(device.credential()).not.toBe(before.credential());
      for (const other of others) expect(await check(app, other)).toBe("session_ended");
      expect(await whoIs(device)).toBe(userId);
      expect((await device.get("/list-sessions")).json).toHaveLength(1);

      expect(await check(app, before)).toBe("credential_renewed");
      await expectRefused(before, "credential_renewed");
      expect(await whoIs(before), "get-session with the old credential").toBe("credential_renewed");
      expect(outcome(await before.post("/sign-out", {}))).toBe(200);
      expect(await whoIs(device), "the old credential ends nothing").toBe(userId);
    });

    test("from then on only the new password signs in", async () => {
      const app = await makeApp({ kind });
      const { device, person } = await app.arrive(client);
      await device.post("/change-password", { currentPassword: person.password, newPassword });
      expect(outcome(await app.device().signIn(person))).toBe("invalid_credentials");
      expect(outcome(await app.device().signIn({ ...person, password: newPassword }))).toBe(200);
    });

    test("keeps a session's data, its limits and whether it is remembered", async () => {
      const app = await makeApp({ kind });
      const person = await app.enrol();
      const device = app.device(client);
      const before = await device.signIn(person, { rememberMe: false });
      await device.post("/update-session", { data: { cart: 1 } });
      app.clock.advanceSeconds(60);
      const after = await device.post("/change-password", { currentPassword: person.password, newPassword });
      expect(after.body.session?.data).toEqual({ cart: 1 });
      expect(after.body.session?.expiresAt).toBe(before.body.session?.expiresAt);
      if (client === "web") expect(after.headers.getSetCookie().join()).not.toContain("Max-Age");
    });

    test.each([
      ["a wrong current password", "wrong", newPassword, 403, "wrong_password"],
      ["a new one that is too short", "right", "short", 422, "password_too_short"],
      ["a new one that is too common", "right", "password1", 422, "password_too_common"],
    ])("with %s changes nothing", async (_, current, wanted, status, code) => {
      const app = await makeApp({ kind });
      const { device, person, userId } = await app.arrive(client);
      const other = app.device("mobile");
      await other.signIn(person);
      const credential = device.credential();
      app.spy.forget();
      const currentPassword = current === "right" ? person.password : "wrong wrong wrong";
      const answer = await device.post("/change-password", { currentPassword, newPassword: wanted });
      expect([answer.status, answer.code]).toEqual([status, code]);
      expect(app.spy.writes()).toEqual([]);
      expect(device.credential()).toBe(credential);
      expect(await whoIs(device)).toBe(userId);
      expect(await whoIs(other)).toBe(userId);
      expect(outcome(await app.device().signIn(person))).toBe(200);
    });

    test("two at once: one wins, the other changes nothing", async () => {
      const app = await makeApp({ kind });
      const { device, person } = await app.arrive(client);
      const wanted = ["first new password", "second new password"];
      const twins = [device.copy(), device.copy()];
      const answers = await Promise.all(
        twins.map((twin, i) =>
          twin.post("/change-password", { currentPassword: person.password, newPassword: wanted[i] }),
        ),
      );
      const winners = answers.map((answer, i) => (answer.status === 200 ? i : -1)).filter((i) => i >= 0);
      expect(winners).toHaveLength(1);
      for (const [i, password] of wanted.entries()) {
        const expected = winners.includes(i) ? 200 : "invalid_credentials";
        expect(outcome(await app.device().signIn({ ...person, password }))).toBe(expected);
      }
    });
  });

  test("a sign-in with the old password while it is being changed leaves nobody in", async () => {
    const app = await makeApp({ kind });
    for (let round = 0; round < 5; round++) {
      const { device, person, userId } = await app.arrive("web");
      const late = Array.from({ length: 4 }, () => app.device("mobile"));
      const body = { currentPassword: person.password, newPassword };
      const [changed] = await Promise.all([
        device.post("/change-password", body),
        ...late.map((one) => one.signIn(person)),
      ]);
      expect(outcome(changed)).toBe(200);
      expect(await whoIs(device)).toBe(userId);
      for (const one of late) expect(await whoIs(one)).toBeNull();
      expect((await device.get("/list-sessions")).json).toHaveLength(1);
    }
  });

  // The password was found right, and before the session is made something happens: what is true now counts (P2).
  test.each([
    ["a password change", "invalid_credentials"],
    ["a ban", "user_banned"],
    ["a deletion", "invalid_credentials"],
    ["the end of all sessions", 200],
  ])("a sign-in that is overtaken by %s is judged by what is true then: %s", async (what, expected) => {
    const { hasher, holdNext } = heldHasher();
    const app = await makeApp({ kind, passwords: { hasher } });
    for (const client of clientNames) {
      const { device, person, userId } = await app.arrive("web");
      const late = app.device(client);
      const held = holdNext();
      const signingIn = late.signIn(person);
      const goOn = await held;
      const happen: { readonly [what: string]: () => Promise<unknown> } = {
        "a password change": () =>
          device.post("/change-password", { currentPassword: person.password, newPassword }),
        "a ban": () => app.auth.api.banUser({ userId }),
        "a deletion": () => device.post("/delete-user", { password: person.password }),
        "the end of all sessions": () => device.post("/revoke-sessions"),
      };
      await happen[what]?.();
      goOn();
      expect([client, outcome(await signingIn)]).toEqual([client, expected]);
      expect(await whoIs(late)).toBe(expected === 200 ? userId : null);
    }
  });

  test("a sign-in while the account is being deleted leaves nobody in", async () => {
    const app = await makeApp({ kind });
    for (let round = 0; round < 5; round++) {
      const { device, person } = await app.arrive("web");
      const late = Array.from({ length: 4 }, () => app.device("mobile"));
      await Promise.all([
        device.post("/delete-user", { password: person.password }),
        ...late.map((one) => one.signIn(person)),
      ]);
      for (const one of [device, ...late]) expect(await whoIs(one)).toBeNull();
    }
  });

  test.each(["web-jwt", "mobile-jwt"])(
    "a password change by %s gives a new token; the account refuses the old",
    async (client) => {
      const app = await makeApp({ kind });
      const { device, person, userId, sessionId } = await app.arrive(client);
      const laptop = app.device("web");
      await laptop.signIn(person);
      const before = device.copy();
      const answer = await device.post("/change-password", { currentPassword: person.password, newPassword });
      expect([answer.status, answer.body.session?.id]).toEqual([200, sessionId]);
      expect(await whoIs(device)).toBe(userId);
      expect(outcome(await device.get("/list-sessions"))).toBe(200);
      expect(await check(app, laptop)).toBe("session_ended");
      expect((await before.get("/list-sessions")).status).toBe(401);
      expect(outcome(await before.post("/delete-user", { password: newPassword }))).not.toBe(200);
      expect(await check(app, before), "nobody can take a plain JWT back").toBe("accepted");
    },
  );

  describe("delete-user", () => {
    test.each(clientNames)("by client %s: everything of theirs is out at once", async (client) => {
      const app = await makeApp({ kind });
      const { device, person } = await app.arrive(client);
      const phone = app.device("mobile");
      await phone.signIn(person);
      const token = app.device("mobile-jwt");
      await token.signIn(person);
      const answer = await device.post("/delete-user", { password: person.password });
      expect(answer.body).toMatchObject({ revoked: sessionClients.some((one) => one === client) ? 2 : 1 });
      await expectRefused(phone, "session_ended");
      await expectRefused(device, "session_ended");
      await expectRefused(token, "session_ended");
      expect(await check(app, token), "a plain JWT by its signature alone").toBe("accepted");
      for (const one of [device, phone, token]) expect(await whoIs(one)).toBeNull();
      app.clock.advanceSeconds(900);
      expect(await check(app, token)).toBe("access_expired");
      expect(outcome(await app.device().signIn(person))).toBe("invalid_credentials");
    });

    test("with a wrong password: 403 and nothing changes", async () => {
      const app = await makeApp({ kind });
      const { device, person, userId } = await app.arrive("web");
      app.spy.forget();
      const answer = await device.post("/delete-user", { password: "wrong wrong wrong" });
      expect([answer.status, answer.code]).toEqual([403, "wrong_password"]);
      expect(app.spy.writes()).toEqual([]);
      expect(await whoIs(device)).toBe(userId);
      expect(outcome(await app.device().signIn(person))).toBe(200);
    });

    test("the address can be taken again, by an account that sees nothing of the old one", async () => {
      const app = await makeApp({ kind });
      const { device, person, userId } = await app.arrive("web");
      await device.post("/update-session", { data: { secret: 1 } });
      const old = device.copy();
      await device.post("/delete-user", { password: person.password });
      const again = app.device("web");
      const { body } = await again.signUp(person);
      expect(body.user?.id).not.toBe(userId);
      expect(body.session?.data).toEqual({});
      expect(await check(app, old)).toBe("session_ended");
    });
  });

  describe("a ban", () => {
    test("puts every session out and refuses plain JWTs on every route of the account", async () => {
      const app = await makeApp({ kind });
      const { device, person, userId } = await app.arrive("web");
      const phone = app.device("mobile");
      await phone.signIn(person);
      const token = app.device("mobile-jwt");
      await token.signIn(person);
      const bystander = await app.arrive("web");
      expect(await app.auth.api.banUser({ userId, reason: "spam" })).toEqual({ ok: true, revoked: 2 });
      for (const one of [device, phone]) {
        expect(await check(app, one)).toBe("session_ended");
        await expectRefused(one, "session_ended");
      }
      await expectRefused(token, "session_ended");
      expect(await check(app, token)).toBe("accepted");
      for (const one of [device, phone, token]) expect(await whoIs(one)).toBeNull();
      expect(await whoIs(bystander.device)).toBe(bystander.userId);
    });

    test("is told to nobody but who knows the password", async () => {
      const app = await makeApp({ kind });
      const person = await app.enrol();
      await app.auth.api.banUser({ userId: person.id, reason: "a private note" });
      for (const client of clientNames) {
        const right = await app.device(client).signIn(person);
        expect([right.status, right.code]).toEqual([403, "user_banned"]);
        expect(right.text).not.toContain("private note");
        const wrong = await app.device(client).signIn({ ...person, password: "wrong wrong wrong" });
        const unknown = await app.device(client).signIn({ ...person, email: "nobody@example.test" });
        expect([wrong.status, wrong.text]).toEqual([unknown.status, unknown.text]);
        expect([...wrong.headers]).toEqual([...unknown.headers]);
      }
    });

    test("lifting it revives nothing, and lets in who signs in anew", async () => {
      const app = await makeApp({ kind });
      const { device, person, userId } = await app.arrive("web");
      const token = app.device("mobile-jwt");
      await token.signIn(person);
      await app.auth.api.banUser({ userId });
      await app.auth.api.unbanUser({ userId });
      await expectRefused(device, "session_ended");
      await expectRefused(token, "session_ended");
      expect(outcome(await app.device().signIn(person))).toBe(200);
    });

    test("with an end is over by the clock alone, and revives nothing", async () => {
      const app = await makeApp({ kind });
      const { device, person, userId } = await app.arrive("web");
      await app.auth.api.banUser({ userId, expiresIn: 60 });
      app.clock.advanceSeconds(59);
      expect(outcome(await app.device().signIn(person))).toBe("user_banned");
      app.clock.advanceSeconds(1);
      app.spy.forget();
      expect(outcome(await app.device().signIn(person))).toBe(200);
      expect(app.spy.writes(), "no job lifts it").toEqual(["openSession", "appendAudit"]);
      await expectRefused(device, "session_ended");
    });

    test("that is over by the clock is shown to nobody as one", async () => {
      const app = await makeApp({ kind });
      const { person, userId } = await app.arrive("web");
      await app.auth.api.banUser({ userId, expiresIn: 60 });
      app.clock.advanceSeconds(60);
      const device = app.device("web");
      expect((await device.signIn(person)).body.user?.status).toBe("active");
      expect((await device.get("/get-session")).body.user?.status).toBe("active");
      expect(await app.auth.api.getUser({ userId })).toMatchObject({ status: "active" });
    });

    test("while a sign-in is under way: no session of a banned user comes out of it", async () => {
      const app = await makeApp({ kind });
      const people = await Promise.all(Array.from({ length: 10 }, () => app.enrol()));
      await Promise.all(
        people.map(async (person) => {
          const device = app.device("mobile");
          await Promise.all([device.signIn(person), app.auth.api.banUser({ userId: person.id })]);
          if (device.credential() !== undefined) expect(await check(app, device)).not.toBe("accepted");
          expect(await app.auth.api.listSessions({ userId: person.id })).toEqual([]);
        }),
      );
    });
  });

  test("revokeEverything refuses all that was issued before, of everybody", async () => {
    const app = await makeApp({ kind });
    const before = await Promise.all(clientNames.map((client) => app.arrive(client)));
    await app.auth.api.revokeEverything();
    for (const { device } of before) {
      await expectRefused(device, "session_ended");
      expect(await whoIs(device)).toBeNull();
    }
    for (const { device, person, userId } of before) {
      device.hold(undefined);
      await device.signIn(person);
      expect(await whoIs(device)).toBe(userId);
    }
  });

  test("new roles are seen by a session at once and by a plain JWT with the next token", async () => {
    const app = await makeApp({ kind, roles: { editor: ["post:*"] } });
    const { device, person, userId } = await app.arrive("web");
    const token = app.device("mobile-jwt");
    await token.signIn(person);
    await app.auth.api.setRole({ userId, roles: ["editor"] });
    const may = async (one: Device): Promise<boolean> => {
      const result = await app.auth.authenticate(new Request(origin, { headers: one.credentialHeaders() }));
      return result.ok && result.can("post:write");
    };
    expect([await may(device), await may(token)]).toEqual([true, false]);
    token.hold(undefined);
    await token.signIn(person);
    expect(await may(token)).toBe(true);
    expect((await device.get("/get-session")).body.user?.roles).toEqual(["editor"]);
  });
});
