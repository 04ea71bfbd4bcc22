import type { AuthApi, LatchkeyError, UsersPort } from "latchkey";
import { LatchkeyError as Fault } from "latchkey";
import { afterEach, describe, expect, test, vi } from "vitest";
import { bearerRequest } from "../../support/requests.ts";
import { baseURL, credentialOf, password } from "../../support/stage.ts";
import { memoryTable } from "../../support/users/memory-table.ts";
import { check, comeIn, email, makeUsersStage, refreshTokenOf, type UsersStage } from "./stage.ts";

const cannotTell = { code: "cannot_tell", retryAfter: 1 };
const methods = [
  "findByEmail",
  "findById",
  "checkPassword",
  "createUser",
  "changePassword",
  "setName",
  "deleteUser",
] as const satisfies readonly (keyof UsersPort)[];

type Method = (typeof methods)[number];

/** Which methods of the port each verb cannot do without. */
const needs: { readonly [verb in keyof AuthApi]?: readonly Method[] } = {
  signInEmail: ["findByEmail", "checkPassword", "findById"],
  signUpEmail: ["createUser", "findById"],
  refresh: ["findById"],
  changePassword: ["changePassword"],
  createUser: ["createUser", "findById"],
  updateUser: ["setName", "findById"],
  deleteUser: ["checkPassword", "deleteUser"],
  removeUser: ["deleteUser"],
  userChanged: ["findById"],
};

/** A port of which one method can be broken in a way of one's own. */
async function makeBreakable(): Promise<{
  readonly stage: UsersStage;
  readonly breakMethod: (method: Method, how: () => unknown) => void;
  readonly mend: () => void;
  readonly call: (verb: string) => Promise<unknown>;
}> {
  const table = memoryTable();
  const broken = new Map<Method, () => unknown>();
  const through =
    (method: Method) =>
    (...input: unknown[]) => {
      const how = broken.get(method);
      return how === undefined
        ? Reflect.apply(table.users[method] ?? (() => undefined), table.users, input)
        : how();
    };
  const users = Object.fromEntries(methods.map((method) => [method, through(method)]));
  const port: UsersPort = { ...memoryTable().users, ...(users as Partial<UsersPort>) } as UsersPort;
  const stage = await makeUsersStage({ users: port }, table);
  const pair = await comeIn(stage, "pair");
  const current = await stage.auth.authenticate(bearerRequest(credentialOf(pair)));
  if (!current.ok) throw new Error(current.code);
  const { api } = stage.auth;
  const { userId } = stage;
  const calls: { readonly [verb: string]: () => Promise<unknown> } = {
    signInEmail: () => api.signInEmail({ email, password, client: "app" }),
    signUpEmail: () => api.signUpEmail({ email: "bob@example.com", password, client: "app" }),
    refresh: () => api.refresh({ refreshToken: refreshTokenOf(pair) }),
    changePassword: () =>
      api.changePassword({ currentPassword: password, newPassword: "another horse battery", current }),
    createUser: () => api.createUser({ email: "eve@example.com", password }),
    updateUser: () => api.updateUser({ userId, name: "Anna" }),
    deleteUser: () => api.deleteUser({ userId, password }),
    removeUser: () => api.removeUser({ userId }),
    userChanged: () => api.userChanged({ userId }),
  };
  return {
    stage,
    breakMethod: (method, how) => void broken.set(method, how),
    mend: () => broken.clear(),
    call: async (verb) => calls[verb]?.(),
  };
}

const pairs = Object.entries(needs).flatMap(([verb, all]) => all.map((method) => [verb, method] as const));

afterEach(() => {
  vi.useRealTimers();
});

describe.each(pairs)("%s, where users.%s", (verb, method) => {
  test.each<[how: string, answer: () => unknown]>([
    [
      "throws",
      () => {
        throw new Error("no such table: people");
      },
    ],
    ["rejects", () => Promise.reject(new Error("connection lost"))],
    ["rejects with nothing", () => Promise.reject(undefined)],
    ["rejects with a refusal of ours", () => Promise.reject(new Fault("invalid_credentials", "not a fault"))],
  ])("%s: we cannot tell", async (_, answer) => {
    const { breakMethod, call } = await makeBreakable();
    breakMethod(method, answer);
    await expect(call(verb)).rejects.toMatchObject(cannotTell);
  });

  test("gives no answer: we cannot tell, after a while that has an end", async () => {
    const { breakMethod, call } = await makeBreakable();
    breakMethod(method, () => new Promise(() => undefined));
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    let outcome: unknown = "none yet";
    const settled = call(verb).then(
      (answer) => {
        outcome = answer;
      },
      (fault: LatchkeyError) => {
        outcome = fault.code;
      },
    );
    await vi.advanceTimersByTimeAsync(1900);
    expect(outcome).toBe("none yet");
    await vi.advanceTimersByTimeAsync(3200);
    expect(outcome).toBe("cannot_tell");
    await settled;
  });
});

describe("a fault of the application's table", () => {
  test("names the method for whoever reads the log, with its cause", async () => {
    const { breakMethod, call } = await makeBreakable();
    const cause = new Error("no such table: people");
    breakMethod("findById", () => Promise.reject(cause));
    await expect(call("refresh")).rejects.toMatchObject({ message: "users.findById failed", cause });
  });

  test("leaves the refresh token as it was: it is good when the table is back", async () => {
    const { stage, breakMethod, mend, call } = await makeBreakable();
    breakMethod("findById", () => Promise.reject(new Error("connection lost")));
    for (const _ of [1, 2, 3]) await expect(call("refresh")).rejects.toMatchObject(cannotTell);
    mend();
    stage.advance(60_000);
    expect(await call("refresh")).toHaveProperty("ok", true);
  });

  test("signs nobody out, and is no wrong guess", async () => {
    const { stage, breakMethod, mend, call } = await makeBreakable();
    const signedIn = await comeIn(stage);
    for (const method of methods) breakMethod(method, () => Promise.reject(new Error("connection lost")));
    for (const verb of Object.keys(needs)) await expect(call(verb), verb).rejects.toMatchObject(cannotTell);
    mend();
    expect(await stage.auth.api.listEvents({ type: "sign_in_failed" })).toEqual([]);
    // A deletion that failed is the one thing that signs out: for a minute nobody comes in.
    expect(await check(stage, signedIn)).toBe("session_ended");
    stage.advance(60_000);
    expect(await call("signInEmail")).toHaveProperty("ok", true);
  });

  test("is no wrong guess for the limits either", async () => {
    const table = memoryTable();
    const users: UsersPort = {
      findByEmail: (asked) => table.users.findByEmail(asked),
      findById: (id) => table.users.findById(id),
      checkPassword: () => Promise.reject(new Error("connection lost")),
    };
    const stage = await makeUsersStage({ users, rateLimit: { perAccount: { attempts: 2 } } }, table);
    for (const _ of [1, 2, 3, 4, 5]) {
      const attempt = stage.auth.api.signInEmail({ email, password, client: "app" });
      await expect(attempt).rejects.toMatchObject(cannotTell);
    }
  });

  test("that says that it is busy is busy", async () => {
    const { breakMethod, call } = await makeBreakable();
    breakMethod("checkPassword", () => Promise.reject(new Fault("busy", "too many wait to be hashed")));
    await expect(call("signInEmail")).rejects.toMatchObject({ code: "busy" });
  });

  test("is a 503 with Retry-After over HTTP, and says nothing of what it was", async () => {
    const { stage, breakMethod } = await makeBreakable();
    breakMethod("findByEmail", () => Promise.reject(new Error(`no such table, for ${email}`)));
    const body = JSON.stringify({ email, password, client: "app" });
    const headers = { "content-type": "application/json" };
    const request = new Request(`${baseURL}/api/auth/sign-in/email`, { method: "POST", headers, body });
    const response = await stage.auth.handler(request);
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(await response.text()).not.toMatch(/table|ada/);
  });
});
