import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Answer,
  administrator,
  askAndLose,
  askPatiently,
  bearer,
  forAll,
  isFull,
  password,
  pause,
  type Servers,
  signIn,
  signUp,
  startServers,
  timesUnavailable,
} from "./servers.ts";

let servers: Servers;
let one = "";
let two = "";

/** Two processes with this window, in seconds, for all tests of a suite. */
function onServers(grace: number): void {
  beforeAll(async () => {
    servers = await startServers({ processes: 2, grace });
    [one = "", two = ""] = servers.urls;
  });
  afterAll(() => servers.stop());
}

afterAll(() => {
  process.stdout.write(`two processes on one file: ${timesUnavailable()} times 503, asked again\n`);
});

const refresh = (url: string, refreshToken: string | undefined): Promise<Answer> =>
  askPatiently(url, { path: "/api/auth/refresh", body: { refreshToken } });

const me = (url: string, answer: Answer): Promise<Answer> =>
  askPatiently(url, { path: "/api/me", headers: bearer(answer) });

const generationOf = (token = ""): number => Number(token.split(".")[1]);

const outcome = ({ status, body }: Answer): string => `${status} ${body.code ?? "ok"}`;

/** The device list of whoever holds the credential. */
async function devicesOf(url: string, answer: Answer): Promise<readonly unknown[]> {
  const sent = { path: "/api/auth/list-sessions", headers: bearer(answer) };
  const { body } = await askPatiently(url, sent);
  return Array.isArray(body) ? body : [];
}

interface Administrator {
  readonly id: string | undefined;
  readonly call: (path: string, body?: object) => Promise<Answer>;
}

/** Somebody who administers by way of a process. */
async function administrate(url: string, email: string = administrator): Promise<Administrator> {
  const signedIn = await signIn(url, email, "session");
  const headers = bearer(signedIn);
  return {
    id: signedIn.body.user?.id,
    call: (path, body) =>
      askPatiently(url, {
        path: `/api/auth/admin/${path}`,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
  };
}

describe("two processes on one SQLite file, tokens older than the window", () => {
  // One that a busy machine does not miss.
  onServers(5);

  test("50 parallel refreshes of one token: all hold the same successor, one leaf, nobody is out", async () => {
    const count = isFull ? 200 : 4;
    const people = await forAll(Array.from({ length: count }), 8, () => signUp(one, "jwt-allowlist"));
    await pause(5100);
    let judged = 0;
    for (const { body } of people) {
      const started = performance.now();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => refresh(i % 2 === 0 ? one : two, body.refreshToken)),
      );
      if (performance.now() - started > 4500) {
        process.stdout.write("fifty refreshes took longer than the window: this token is not judged\n");
        continue;
      }
      judged++;
      expect(new Set(answers.map(outcome))).toEqual(new Set(["200 ok"]));
      const leaves = new Set(answers.map((answer) => answer.body.refreshToken));
      expect([leaves.size, generationOf([...leaves][0])]).toEqual([1, 1]);
      const checks = await Promise.all(answers.map((answer, i) => me(i % 2 === 0 ? two : one, answer)));
      expect(new Set(checks.map(outcome))).toEqual(new Set(["200 ok"]));
      expect(await devicesOf(two, answers[0] as Answer)).toHaveLength(1);
    }
    expect(judged).toBeGreaterThan(0);
  }, 600_000);

  test("lost answers, asked for again of the other process: all succeed, with the same successor", async () => {
    const count = isFull ? 1000 : 60;
    const people = await forAll(Array.from({ length: count }), 8, () => signUp(one, "jwt-denylist"));
    await pause(5100);
    const again = await forAll(people, 10, async ({ body: { refreshToken } }) => {
      await askAndLose(one, { path: "/api/auth/refresh", body: { refreshToken } });
      return refresh(two, refreshToken);
    });
    expect(again.map(outcome)).toEqual(Array(count).fill("200 ok"));
    expect(new Set(again.map(({ body }) => generationOf(body.refreshToken)))).toEqual(new Set([1]));
    const checks = await forAll(again, 10, (answer) => me(one, answer));
    expect(checks.map(outcome)).toEqual(Array(count).fill("200 ok"));
  }, 600_000);
});

describe("two processes on one SQLite file", () => {
  onServers(1);
  const old = 1100;

  test.each([
    ["a grandparent", 2, 0],
    ["a parent after the window", 1, old],
  ])("%s is theft: 401, out everywhere at once, and in the audit log", async (_, rotations, wait) => {
    const first = await signUp(one, "jwt-allowlist");
    const held: Answer[] = [first];
    for (let i = 0; i < rotations; i++) {
      await pause(old);
      held.push(await refresh(one, held.at(-1)?.body.refreshToken));
      expect(generationOf(held.at(-1)?.body.refreshToken)).toBe(i + 1);
    }
    await pause(wait);
    const newest = held.at(-1) as Answer;
    expect(outcome(await me(two, newest))).toBe("200 ok");
    expect(outcome(await refresh(two, first.body.refreshToken))).toBe("401 refresh_reused");
    for (const url of [one, two]) {
      expect(outcome(await me(url, newest))).toBe("401 session_ended");
      expect(outcome(await refresh(url, newest.body.refreshToken))).toBe("401 session_ended");
    }
    const { call } = await administrate(one);
    const { events } = (await call(`list-events?type=refresh_reused&userId=${first.body.user?.id}`)).body;
    expect(events).toMatchObject([{ type: "refresh_reused", sessionId: first.body.session?.id }]);
  });

  test("devices that sign out all others at once, each at another process: exactly one stays", async () => {
    const others = { path: "/api/auth/revoke-other-sessions", body: {} };
    for (let round = 0; round < (isFull ? 200 : 10); round++) {
      const first = await signUp(one, "session");
      const devices = [first, await signIn(two, first.email, "jwt-allowlist")];
      const answers = await Promise.all(
        devices.map((device, i) => askPatiently(i === 0 ? one : two, { ...others, headers: bearer(device) })),
      );
      // Whoever comes too late finds out at the check or at the step.
      expect(answers.map(outcome).sort()).toEqual(["200 ok", "401 session_ended"]);
      const checks = await Promise.all(devices.map((device) => me(one, device)));
      expect(checks.map(outcome)).toEqual(answers.map(outcome));
    }
  }, 120_000);

  test("administrators who take each other out at once, each at another process: one is left", async () => {
    for (const [i, path] of ["set-role", "ban-user", "remove-user"].entries()) {
      const root = await administrate(one);
      const email = `second-${i}@example.com`;
      await root.call("create-user", { email, password, roles: ["admin"] });
      const second = await administrate(two, email);
      const rest = path === "set-role" ? { roles: ["editor"] } : {};
      const answers = await Promise.all([
        root.call(path, { userId: second.id, ...rest }),
        second.call(path, { userId: root.id, ...rest }),
      ]);
      const codes = answers.map(outcome).sort();
      expect(codes[0]).toBe("200 ok");
      expect(["401 session_ended", "403 forbidden", "409 last_administrator"]).toContain(codes[1]);
      // Whoever is left makes the first one an administrator again, for the next round.
      if (answers[0]?.status === 200) continue;
      await second.call("remove-user", { userId: root.id });
      const made = await second.call("create-user", { email: administrator, password, roles: ["admin"] });
      expect(made.status).toBe(201);
      await (await administrate(one)).call("remove-user", { userId: second.id });
    }
  });

  test("a compromised key is refused by the other process at once, and the new one is known there", async () => {
    const before = await signUp(one, "jwt-denylist");
    const opaque = await signIn(one, before.email, "session");
    for (const device of [before, opaque]) expect(outcome(await me(two, device))).toBe("200 ok");
    const { call } = await administrate(one);
    const { kid } = (await call("rotate-keys", { compromised: true })).body;
    const clients = ["jwt", "jwt-denylist", "jwt-allowlist"];
    const after = await Promise.all(clients.map((client) => signIn(one, before.email, client)));
    for (const device of after) expect(outcome(await me(two, device))).toBe("200 ok");
    expect(outcome(await me(two, before))).toBe("401 credential_invalid");
    expect(outcome(await me(two, opaque))).toBe("200 ok");
    const set = await askPatiently(two, { path: "/api/auth/jwks" });
    expect(set.body.keys?.map((key) => key.kid)).toEqual([kid]);
    // A refresh token is none of that key's, and what it gets is by the new one.
    expect(outcome(await me(one, await refresh(two, before.body.refreshToken)))).toBe("200 ok");
  });
});
