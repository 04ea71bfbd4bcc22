import { LatchkeyError, type Logger } from "latchkey";
import { describe, expect, test } from "vitest";
import { bearerRequest, cookieRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, type Stage, signUp } from "../../support/stage.ts";

const email = "ada@example.com";
const minute = 60_000;

/** Lets what goes on after an answer come to its end. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("strategy session", () => {
  test("asks the store once for each check, and writes nothing", async () => {
    const { auth, calls } = makeStage();
    const request = cookieRequest(credentialOf(await signUp(auth, email)));
    calls.length = 0;
    for (let i = 0; i < 3; i++) await auth.authenticate(request);
    expect(calls).toEqual(["readSession", "readSession", "readSession"]);
  });

  test("leaves no credential in the store: neither the token nor its random part", async () => {
    const { auth, store } = makeStage();
    const signedIn = await signUp(auth, email, "mobile");
    const [, secretPart = "", mark = ""] = credentialOf(signedIn).split(".");
    const { session } = await store.readSession(signedIn.session.id);
    const kept = JSON.stringify([session, await store.listKeys()]);
    expect(kept).toContain(signedIn.session.id);
    expect(kept).not.toContain(secretPart);
    expect(kept).not.toContain(mark);
    expect(session?.tokenHash).toMatch(/^[\w-]{43}$/);
  });

  test.each([null, "A".repeat(43), ""])("refuses a session whose row has the hash %j", async (tokenHash) => {
    const { auth } = makeStage({}, (inner) => ({
      async readSession(id) {
        const { session, ...rest } = await inner.readSession(id);
        return { ...rest, session: session && { ...session, tokenHash: tokenHash as never } };
      },
    }));
    const token = credentialOf(await signUp(auth, email, "mobile"));
    expect(await auth.authenticate(bearerRequest(token))).toEqual({ ok: false, code: "credential_renewed" });
  });

  test.each([
    ["absolute", { expiresIn: 3600, idleTimeout: null }, 3_600_000],
    ["absolute, under a longer idle one", { expiresIn: 3600, idleTimeout: 7200 }, 3_600_000],
    ["idle", { expiresIn: 3600, idleTimeout: 1800 }, 1_800_000],
  ])("ends at its %s limit, to the millisecond", async (_, session, limit) => {
    const stage = makeStage({ session }, () => ({ touchSession: async () => false }));
    const request = cookieRequest(credentialOf(await signUp(stage.auth, email)));
    stage.advance(limit - 1);
    expect(await stage.auth.authenticate(request)).toHaveProperty("ok", true);
    stage.advance(1);
    expect(await stage.auth.authenticate(request)).toEqual({ ok: false, code: "session_expired" });
  });
});

describe("lastSeenAt", () => {
  /** Makes a check, and tells when the session was seen last afterwards. */
  async function checkAndSee({ auth, store }: Stage, token: string): Promise<number | undefined> {
    const result = await auth.authenticate(bearerRequest(token));
    if (!result.ok) return expect.fail(result.code);
    await settle();
    return (await store.readSession(result.session.id)).session?.lastSeenAt;
  }

  test("is written at most once a minute", async () => {
    const stage = makeStage();
    const token = credentialOf(await signUp(stage.auth, email, "mobile"));
    const start = stage.now();
    stage.advance(minute - 1);
    expect(await checkAndSee(stage, token)).toBe(start);
    stage.advance(2);
    expect(await checkAndSee(stage, token)).toBe(start + minute + 1);
    stage.calls.length = 0;
    stage.advance(minute - 1);
    expect(await checkAndSee(stage, token)).toBe(start + minute + 1);
    expect(stage.calls).not.toContain("touchSession");
  });

  test("keeps a session in use from falling idle, up to its absolute limit", async () => {
    const stage = makeStage({ session: { idleTimeout: 300, expiresIn: 3600 } });
    const token = credentialOf(await signUp(stage.auth, email, "mobile"));
    for (let minutes = 4; minutes < 60; minutes += 4) {
      stage.advance(4 * minute);
      expect(await checkAndSee(stage, token)).toBe(stage.now());
    }
    stage.advance(4 * minute);
    const result = await stage.auth.authenticate(bearerRequest(token));
    expect(result).toEqual({ ok: false, code: "session_expired" });
  });

  test("keeps a session in use from falling idle also under an idle limit below a minute", async () => {
    const stage = makeStage({ session: { idleTimeout: 30 } });
    const token = credentialOf(await signUp(stage.auth, email, "mobile"));
    for (let i = 0; i < 5; i++) {
      stage.advance(20_000);
      await checkAndSee(stage, token);
    }
  });

  test("that cannot be written changes no answer, and is logged without a credential", async () => {
    const warnings: string[] = [];
    const logger: Logger = {
      info: () => undefined,
      warn: (fields, message) => void warnings.push(`${message} ${JSON.stringify(fields)}`),
      error: () => undefined,
    };
    const fault = new LatchkeyError("cannot_tell", "the store is down");
    const stage = makeStage({ logger }, () => ({ touchSession: () => Promise.reject(fault) }));
    const token = credentialOf(await signUp(stage.auth, email, "mobile"));
    stage.advance(2 * minute);
    expect(await stage.auth.authenticate(bearerRequest(token))).toHaveProperty("ok", true);
    await settle();
    expect(warnings).toEqual([expect.stringMatching(/^writing lastSeenAt failed/)]);
    expect(warnings[0]).not.toContain("lks_");
  });

  test("is written once by a storm of checks", async () => {
    const stage = makeStage({}, (inner) => ({
      async touchSession(...input) {
        await settle();
        return inner.touchSession(...input);
      },
    }));
    const token = credentialOf(await signUp(stage.auth, email, "mobile"));
    stage.advance(2 * minute);
    stage.calls.length = 0;
    await Promise.all(Array.from({ length: 20 }, () => stage.auth.authenticate(bearerRequest(token))));
    expect(stage.calls.filter((name) => name === "touchSession")).toHaveLength(1);
    await settle();
    await settle();
    stage.advance(2 * minute);
    await stage.auth.authenticate(bearerRequest(token));
    expect(stage.calls.filter((name) => name === "touchSession")).toHaveLength(2);
  });

  test("is left alone for five seconds by all after the store refused once", async () => {
    const fault = new LatchkeyError("cannot_tell", "the store is busy");
    const stage = makeStage({}, () => ({ touchSession: () => Promise.reject(fault) }));
    const tokens = [
      credentialOf(await signUp(stage.auth, email, "mobile")),
      credentialOf(await signUp(stage.auth, "bob@example.com", "mobile")),
    ];
    const writes = async (): Promise<number> => {
      stage.calls.length = 0;
      for (const token of [...tokens, ...tokens]) {
        expect(await stage.auth.authenticate(bearerRequest(token))).toHaveProperty("ok", true);
        await settle();
      }
      return stage.calls.filter((name) => name === "touchSession").length;
    };
    stage.advance(2 * minute);
    expect(await writes()).toBe(1);
    stage.advance(4999);
    expect(await writes()).toBe(0);
    stage.advance(1);
    expect(await writes()).toBe(1);
  });

  test("is written before the store closes, and does not keep a check waiting", async () => {
    const done: string[] = [];
    const stage = makeStage({}, () => ({
      async touchSession() {
        await settle();
        done.push("written");
        return true;
      },
      async close() {
        done.push("closed");
      },
    }));
    const token = credentialOf(await signUp(stage.auth, email, "mobile"));
    stage.advance(2 * minute);
    expect(await stage.auth.authenticate(bearerRequest(token))).toHaveProperty("ok", true);
    done.push("answered");
    await stage.auth.close();
    expect(done).toEqual(["answered", "written", "closed"]);
  });
});
