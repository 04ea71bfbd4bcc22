import type { Authenticated } from "latchkey";
import { describe, expect, test } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, password, type Stage } from "../../support/stage.ts";

const email = "ada@example.com";

/** Every object that the value holds, itself included, with where it stands. */
function objectsOf(value: unknown, path = "result"): [path: string, object: object][] {
  if (typeof value !== "object" || value === null) return [];
  const members = Object.entries(value).flatMap(([name, member]) => objectsOf(member, `${path}.${name}`));
  return [[path, value], ...members];
}

const day = 86_400_000;

describe.each([
  ["session", {}, 30 * day],
  ["jwt", { refresh: false }, 900_000],
  ["jwt", {}, 90 * day],
  ["jwt-denylist", {}, 90 * day],
  ["jwt-allowlist", {}, 90 * day],
] as const)("P29: what a check shows under strategy %s %j", (strategy, refreshing, life) => {
  async function makeResult(): Promise<Stage & { readonly result: Authenticated }> {
    const stage = makeStage({ clients: { app: { transport: "bearer", strategy, ...refreshing } } });
    await stage.auth.api.createUser({ email, password, name: "Ada", roles: ["editor"] });
    stage.advance(789);
    const signedIn = await stage.auth.api.signInEmail({ email, password });
    if (!signedIn.ok) throw new Error(signedIn.code);
    const result = await stage.auth.authenticate(bearerRequest(credentialOf(signedIn)));
    if (!result.ok) throw new Error(result.code);
    return { ...stage, result };
  }

  test("is exactly this", async () => {
    const { result, now } = await makeResult();
    const second = Math.floor(now() / 1000) * 1000;
    expect(result).toEqual({
      ok: true,
      user: { id: expect.any(String), roles: ["editor"] },
      session: {
        id: expect.stringMatching(/^[\w-]{22}$/),
        userId: result.user.id,
        client: "app",
        createdAt: second,
        expiresAt: second + life,
        authTime: second,
        amr: ["pwd"],
      },
      client: "app",
      strategy,
      can: expect.any(Function),
      load: expect.any(Function),
    });
  });

  test("is frozen all the way down", async () => {
    const { result } = await makeResult();
    const loose = objectsOf(result).filter(([, object]) => !Object.isFrozen(object));
    expect(loose.map(([path]) => path)).toEqual([]);
    expect(objectsOf(result).map(([path]) => path)).toContain("result.session.amr");
    expect(() => (result.user.roles as string[]).push("admin")).toThrow(TypeError);
    expect(() => Object.assign(result.user, { id: "root" })).toThrow(TypeError);
  });

  test("more is one read away: name, e-mail, data", async () => {
    const { result, calls, auth } = await makeResult();
    calls.length = 0;
    const loaded = await result.load();
    expect(calls).toEqual(["readSession"]);
    expect(loaded).toMatchObject({
      ok: true,
      user: { id: result.user.id, email, name: "Ada", roles: ["editor"], status: "active" },
      session: { ...result.session, data: {} },
    });
    await auth.api.updateUser({ userId: result.user.id, name: "Lovelace" });
    expect(await result.load()).toMatchObject({ user: { name: "Lovelace" } });
  });

  test("and refused if the session ended, or the user left, since the check", async () => {
    const revoked = await makeResult();
    await revoked.auth.api.revokeSessions({ userId: revoked.result.user.id });
    expect(await revoked.result.load()).toEqual({ ok: false, code: "session_ended" });
    const banned = await makeResult();
    await banned.auth.api.banUser({ userId: banned.result.user.id });
    expect(await banned.result.load()).toHaveProperty("ok", false);
    const deleted = await makeResult();
    await deleted.auth.api.deleteUser({ userId: deleted.result.user.id, password });
    expect(await deleted.result.load()).toEqual({ ok: false, code: "session_ended" });
  });

  test("what was loaded holds no credential and no hash", async () => {
    const { result } = await makeResult();
    expect(JSON.stringify(await result.load())).not.toMatch(/hash|epoch|\$plain\$|lks_|eyJ/i);
  });

  test("a refusal is frozen too", async () => {
    const { auth } = await makeResult();
    const refusal = await auth.authenticate(bearerRequest("lks_forged"));
    expect(refusal).toEqual({ ok: false, code: "credential_invalid" });
    expect(Object.isFrozen(refusal)).toBe(true);
  });
});
