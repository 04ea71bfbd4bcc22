import { describe, expect, test } from "vitest";
import { type App, type Arrived, clients, makeApp, outcome } from "../../support/http/app.ts";
import type { Device } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

const roles = {
  admin: ["*"],
  operator: ["admin:*"],
  // What sounds like it and is not.
  auditor: ["admin:read", "admin"],
  ADMIN: ["post:write"],
  almost: ["admins:*", "adm*", "a*", ":*", ""],
};

/** Every route of administration, from the document, so that none is forgotten. */
function routesOf(app: App): readonly (readonly [method: string, path: string])[] {
  const paths = Object.entries(app.document.paths).filter(([path]) => path.startsWith("/admin/"));
  return paths.flatMap(([path, methods]) =>
    Object.keys(methods).map((name) => [name.toUpperCase(), path] as const),
  );
}

/** Each of them, as the device asks it; about somebody, where it is about somebody. */
async function askAll(app: App, device: Device, userId: string): Promise<readonly (string | number)[]> {
  const answers: (string | number)[] = [];
  for (const [method, path] of routesOf(app)) {
    // The last two would end the test.
    if (device.credential() !== undefined && /revoke-everything|rotate-keys/.test(path)) continue;
    const about = `${path}${method === "GET" && /get-user|user-sessions/.test(path) ? `?userId=${userId}` : ""}`;
    answers.push(outcome(await device.send(method, about, method === "GET" ? undefined : {})));
  }
  return answers;
}

/** In the store itself: it may hold roles that the configuration has no more. */
async function promote(
  { spy }: App,
  { userId }: Arrived,
  given: readonly string[] = ["admin"],
): Promise<void> {
  const set = await spy.store.setRoles(userId, given);
  expect(set.ok).toBe(true);
}

describe.each(stores)("over $name", (kind) => {
  test("every route wants admin:* of the roles that the store knows at that moment", async () => {
    const app = await makeApp({ kind, roles });
    const victim = await app.arrive("web");
    // Somebody stays in charge.
    await promote(app, await app.arrive("mobile"));
    expect(routesOf(app).length).toBeGreaterThanOrEqual(13);
    const nobody = await askAll(app, app.device("web"), victim.userId);
    expect(new Set(nobody)).toEqual(new Set(["credential_missing"]));
    app.spy.forget();
    for (const client of ["web", "mobile", "web-jwt", "mobile-jwt"]) {
      const eve = await app.arrive(client);
      for (const given of [
        [],
        ["auditor"],
        ["ADMIN"],
        ["almost"],
        ["unknown"],
        ["ADMIN", "auditor", "almost"],
      ]) {
        await promote(app, eve, given);
        const seen = await askAll(app, eve.device, victim.userId);
        expect([client, given, [...new Set(seen)]]).toEqual([client, given, ["forbidden"]]);
      }
      await promote(app, eve, ["operator"]);
      const allowed = await askAll(app, eve.device, victim.userId);
      expect([client, allowed.includes("forbidden"), allowed.includes(200)]).toEqual([client, false, true]);
      // Under every strategy: a plain JWT still carries the role, and the store knows better.
      await promote(app, eve, []);
      expect(new Set(await askAll(app, eve.device, victim.userId))).toEqual(new Set(["forbidden"]));
      await promote(app, eve, ["operator"]);
      await app.auth.api.banUser({ userId: eve.userId });
      expect(await askAll(app, eve.device, victim.userId)).not.toContain(200);
    }
    expect(await app.auth.api.getUser({ userId: victim.userId })).toMatchObject({
      status: "active",
      roles: [],
    });
  });

  test("another site's page administers nothing with an administrator's cookie", async () => {
    const app = await makeApp({ kind });
    const [ada, victim] = [await app.arrive("web"), await app.arrive("web")];
    await promote(app, ada);
    app.spy.forget();
    for (const [method, path] of routesOf(app)) {
      if (method !== "POST") continue;
      for (const headers of [
        { origin: "https://evil.test", "sec-fetch-site": "cross-site" },
        { origin: "https://evil.test", "sec-fetch-site": null },
        { origin: null, "sec-fetch-site": "same-site" },
        { origin: "null", "sec-fetch-site": null },
      ]) {
        const answer = await ada.device.post(path, { userId: victim.userId }, { headers });
        expect([path, outcome(answer)]).toEqual([path, "csrf_refused"]);
      }
    }
    expect(app.spy.writes()).toEqual([]);
  });

  test("parameters that are none, come twice, or are not asked for are refused; those of the address do not count", async () => {
    const app = await makeApp({ kind });
    const [ada, victim] = [await app.arrive("mobile"), await app.arrive("web")];
    await promote(app, ada);
    app.spy.forget();
    for (const query of [
      "list-users?limit=0",
      "list-users?limit=201",
      "list-users?limit=1e9",
      "list-users?limit=-1",
      "list-users?limit=x",
      "list-users?limit=1.5",
      "list-users?limit=1&limit=2",
      "list-users?status=deleted",
      "list-users?search=",
      `list-users?search=${"x".repeat(201)}`,
      "list-users?search=%00",
      "list-users?role[]=admin",
      "list-users?surprise=1",
      "list-users?__proto__=1",
      "list-events?type=unknown",
      "list-events?before=0",
      "list-events?before=9007199254740993",
      "list-events?userId=a&userId=b",
      "get-user",
      "get-user?userId=",
      `get-user?userId=${victim.userId}&userId=${ada.userId}`,
      `get-user?userId=${"x".repeat(201)}`,
      "list-user-sessions?id=1",
    ]) {
      expect([query, outcome(await ada.device.get(`/admin/${query}`))]).toEqual([query, "invalid_input"]);
    }
    const elsewhere = `/admin/ban-user?userId=${victim.userId}`;
    expect(outcome(await ada.device.post(elsewhere, {}))).toBe("invalid_input");
    expect(outcome(await ada.device.post(elsewhere, { userId: "nobody" }))).toBe("user_not_found");
    expect(app.spy.writes().filter((name) => name !== "touchSession")).toEqual(["banUser"]);
    expect(await app.auth.api.getUser({ userId: victim.userId })).toMatchObject({ status: "active" });
  });

  test("a session is ended only as the user's whose it is said to be", async () => {
    const app = await makeApp({ kind });
    const [ada, bob, eve] = [await app.arrive("mobile"), await app.arrive("web"), await app.arrive("web")];
    await promote(app, ada);
    const revoke = (userId: string, id: string) =>
      ada.device.post("/admin/revoke-user-session", { userId, id });
    expect(outcome(await revoke(eve.userId, bob.sessionId))).toBe("session_not_found");
    expect(outcome(await revoke(bob.userId, "unknown"))).toBe("session_not_found");
    expect((await bob.device.get("/list-sessions")).status).toBe(200);
    expect((await revoke(bob.userId, bob.sessionId)).body).toEqual({ revoked: 1 });
    expect(outcome(await bob.device.get("/list-sessions"))).toBe("session_ended");
  });

  test("nobody takes the last one out of charge, in any way; whoever is banned is in charge of nothing", async () => {
    const app = await makeApp({ kind, clients });
    const [ada, bob] = [await app.arrive("mobile"), await app.arrive("mobile")];
    for (const one of [ada, bob]) await promote(app, one);
    expect(outcome(await ada.device.post("/admin/ban-user", { userId: bob.userId, expiresIn: 3600 }))).toBe(
      200,
    );
    const { userId } = ada;
    for (const [path, body] of [
      ["/admin/set-role", { userId, roles: [] }],
      ["/admin/set-role", { userId, roles: ["editor"] }],
      ["/admin/ban-user", { userId }],
      ["/admin/ban-user", { userId, expiresIn: 1 }],
      ["/admin/remove-user", { userId }],
      ["/delete-user", { password: ada.person.password }],
    ] as const) {
      expect([path, outcome(await ada.device.post(path, body))]).toEqual([path, "last_administrator"]);
    }
    expect(outcome(await ada.device.get("/admin/list-users"))).toBe(200);
    app.clock.advanceSeconds(3600);
    expect(outcome(await ada.device.post("/admin/set-role", { userId, roles: [] }))).toBe(200);
    expect(outcome(await ada.device.get("/admin/list-users"))).toBe("forbidden");
  });

  test("each act is in the audit log with who did it, to whom and from where; what was refused is not", async () => {
    const app = await makeApp({ kind });
    const [ada, bob] = [await app.arrive("mobile"), await app.arrive("web")];
    await promote(app, ada);
    const { userId } = bob;
    const acts = [
      ["/admin/set-role", { userId, roles: ["editor"] }, "roles_changed", { roles: ["editor"] }],
      ["/admin/revoke-user-session", { userId, id: bob.sessionId }, "session_revoked", {}],
      ["/admin/revoke-user-sessions", { userId }, "sessions_revoked", {}],
      ["/admin/ban-user", { userId, reason: "spam" }, "user_banned", { reason: "spam", until: null }],
      ["/admin/unban-user", { userId }, "user_unbanned", {}],
      ["/admin/remove-user", { userId }, "user_deleted", {}],
    ] as const;
    const by = { actorId: ada.userId, userId, ip: "192.0.2.7" };
    for (const [path, body, type, detail] of acts) {
      expect([path, outcome(await ada.device.post(path, body))]).toEqual([path, 200]);
      const [newest] = await app.auth.api.listEvents({ limit: 1 });
      expect(newest).toMatchObject({ ...by, type, detail });
    }
    const count = (await app.auth.api.listEvents({ limit: 200 })).length;
    for (const [path, body] of acts) expect((await ada.device.post(path, body)).status, path).not.toBe(500);
    expect(await app.auth.api.listEvents({ limit: 200 })).toHaveLength(count);
    const person = { email: "new@example.test", password: "correct horse battery", roles: ["editor"] };
    const made = await ada.device.post("/admin/create-user", person);
    expect(made.body.user).toMatchObject({ email: person.email, roles: ["editor"] });
    await ada.device.post("/admin/rotate-keys", {});
    await ada.device.post("/admin/revoke-everything");
    const actor = { actorId: ada.userId, ip: "192.0.2.7" };
    expect(await app.auth.api.listEvents({ limit: 3 })).toMatchObject([
      { ...actor, type: "everything_revoked" },
      { ...actor, type: "keys_rotated" },
      { ...actor, type: "user_created", userId: made.body.user?.id, detail: { roles: ["editor"] } },
    ]);
    expect(outcome(await ada.device.get("/admin/list-users"))).toBe("session_ended");
  });
});
