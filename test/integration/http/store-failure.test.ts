import { LatchkeyError, type Store } from "latchkey";
import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import {
  type App,
  clientNames,
  cookieClients,
  makeApp,
  origin,
  outcome,
  whoIs,
} from "../../support/http/app.ts";
import { type Answer, type Device, makePerson } from "../../support/http/device.ts";
import type { Fault } from "../../support/http/store-spy.ts";
import { stores } from "../../support/http/stores.ts";

// P28: "cannot tell" is 503, never "signed out" and never "signed in"; and nobody is kept waiting for it (P32).

const faults: readonly (readonly [string, Fault])[] = [
  ["rejects as a store should", () => Promise.reject(new LatchkeyError("cannot_tell", "the store is down"))],
  [
    "rejects with an error of its driver",
    () => Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" })),
  ],
  [
    "throws before it has made a promise",
    () => {
      throw new TypeError("cannot read properties of undefined");
    },
  ],
  ["never answers", () => new Promise<never>(() => undefined)],
];

/** What is asked while the store is down. */
const requests: readonly (readonly [string, (device: Device) => Promise<Answer>])[] = [
  ["get-session", (device) => device.get("/get-session")],
  ["list-sessions", (device) => device.get("/list-sessions")],
  ["update-session", (device) => device.post("/update-session", { data: { late: 1 } })],
  ["revoke-sessions", (device) => device.post("/revoke-sessions", {})],
  [
    "change-password",
    (device) =>
      device.post("/change-password", { currentPassword: "some password", newPassword: "another password" }),
  ],
  ["delete-user", (device) => device.post("/delete-user", { password: "some password" })],
  ["sign-in", (device) => device.signIn(makePerson())],
  ["sign-up", (device) => device.post("/sign-up/email", { ...makePerson(), client: device.client })],
];

/** Fails rather than waits with the one who hangs. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${milliseconds} ms`)), milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function checkCode(app: App, device: Device): Promise<string> {
  try {
    const result = await app.auth.authenticate(new Request(origin, { headers: device.credentialHeaders() }));
    return result.ok ? "accepted" : result.code;
  } catch (error) {
    return error instanceof LatchkeyError ? `thrown: ${error.code}` : `thrown: ${String(error)}`;
  }
}

describe.each(faults)("a store that %s", (_, fault) => {
  test("is 503 with Retry-After to every client, whose credential stays", async () => {
    const app = await makeApp();
    const arrived = await Promise.all(clientNames.map((client) => app.arrive(client)));
    const credentials = arrived.map(({ device }) => device.credential());
    app.spy.breakWith(fault);
    const asked = arrived.flatMap(({ device }) =>
      requests.map(async ([what, ask]) => [device.client, what, outcome(await ask(device))]),
    );
    const answers = await within(2500, Promise.all(asked));
    expect(answers.filter(([, , code]) => code !== "cannot_tell")).toEqual([]);
    app.spy.breakWith(undefined);
    expect(arrived.map(({ device }) => device.credential())).toEqual(credentials);
    for (const { device, userId } of arrived) {
      expect(await whoIs(device)).toBe(userId);
      const { data } = (await device.get("/get-session")).body.session ?? {};
      expect(data, "nothing was carried out later").toEqual({});
    }
  });

  test("keeps the cookie at sign-out, which says that it cannot tell", async () => {
    const app = await makeApp();
    const { device, userId } = await app.arrive("web");
    app.spy.breakWith(fault);
    expect(outcome(await within(2500, device.post("/sign-out", {})))).toBe("cannot_tell");
    app.spy.breakWith(undefined);
    expect(await whoIs(device)).toBe(userId);
    expect(outcome(await device.post("/sign-out", {}))).toBe(200);
  });

  test("is a fault to the application's own check, not a refusal", async () => {
    const app = await makeApp();
    const { device } = await app.arrive("web");
    app.spy.breakWith(fault);
    expect(await within(2500, checkCode(app, device))).toBe("thrown: cannot_tell");
  });

  test("stops no check of a plain JWT, no public key and no liveness", async () => {
    const app = await makeApp();
    const arrived = await Promise.all(["web-jwt", "mobile-jwt"].map((client) => app.arrive(client)));
    app.spy.breakWith(fault);
    for (const { device } of arrived) expect(await checkCode(app, device)).toBe("accepted");
    for (const path of ["/ok", "/jwks", "/.well-known/jwks.json", "/openapi.json"]) {
      expect((await app.device().get(path)).status).toBe(200);
    }
    expect(outcome(await app.device().get("/get-session"))).toBe(200);
    expect((await within(2500, app.device().get("/ready"))).status).toBe(503);
  });

  test("stops no sign-out of who is out already", async () => {
    const app = await makeApp();
    app.spy.breakWith(fault);
    for (const client of cookieClients) {
      expect(outcome(await app.device(client).post("/sign-out"))).toBe(200);
    }
  });
});

describe("a store that fails in the middle", () => {
  const down: Fault = () => Promise.reject(new LatchkeyError("cannot_tell", "the store is down"));

  test("of a sign-in: no credential, and the one before stays", async () => {
    const app = await makeApp();
    const { device, person, userId } = await app.arrive("web");
    for (const method of ["findUser", "openSession"] as const) {
      app.spy.breakWith(down, [method]);
      expect(outcome(await device.signIn(person))).toBe("cannot_tell");
    }
    app.spy.breakWith(undefined);
    expect(await whoIs(device)).toBe(userId);
    expect((await device.get("/list-sessions")).json).toHaveLength(1);
  });

  test("of a sign-out: the cookie stays with its session", async () => {
    const app = await makeApp();
    const { device, userId } = await app.arrive("web");
    app.spy.breakWith(down, ["endSession"]);
    expect(outcome(await device.post("/sign-out", {}))).toBe("cannot_tell");
    app.spy.breakWith(undefined);
    expect(await whoIs(device)).toBe(userId);
  });

  test("of a password change: the old password and the old credential stay", async () => {
    const app = await makeApp();
    const { device, person, userId } = await app.arrive("web");
    app.spy.breakWith(down, ["changePassword"]);
    const body = { currentPassword: person.password, newPassword: "another long password" };
    expect(outcome(await device.post("/change-password", body))).toBe("cannot_tell");
    app.spy.breakWith(undefined);
    expect(await whoIs(device)).toBe(userId);
    expect(outcome(await app.device().signIn(person))).toBe(200);
  });

  test("of what goes on behind the answer: nobody notices but the log", async () => {
    const app = await makeApp();
    const { device, person, userId } = await app.arrive("web");
    app.clock.advanceSeconds(7200);
    app.spy.breakWith(down, ["touchSession", "purgeSessions"]);
    expect(await whoIs(device)).toBe(userId);
    expect(outcome(await app.device("mobile").signIn(person))).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(app.spy.calls()).toEqual(expect.arrayContaining(["touchSession", "purgeSessions"]));
    expect(app.warned.length).toBeGreaterThanOrEqual(2);
  });
});

describe("a start that fails", () => {
  test.each(faults.slice(0, 3))(
    "with a store that %s is 503, and is made again by the next request",
    async (_, fault) => {
      const down = memoryStore();
      let broken = true;
      const store: Store = { ...down, start: () => (broken ? fault("start") : down.start()) };
      const app = await makeApp({ shared: { store, remove: () => undefined }, realTime: true, begin: false });
      const device = app.device("web");
      for (const path of ["/get-session", "/list-sessions"]) {
        const answer = await device.get(path, { headers: { cookie: "__Host-latchkey-web=lks_x" } });
        expect([path, answer.status, answer.code]).toEqual([path, 503, "cannot_tell"]);
      }
      expect(outcome(await device.post("/sign-up/email", { ...makePerson(), client: "web" }))).toBe(
        "cannot_tell",
      );
      expect((await device.get("/ok")).status).toBe(200);
      broken = false;
      expect(outcome(await device.signUp())).toBe(201);
    },
  );
});

describe("construction", () => {
  test("does no I/O, and any verb may be the first call", async () => {
    for (const kind of stores) {
      const verbs: readonly ((app: App) => Promise<unknown>)[] = [
        ({ auth }) => auth.api.hasRole({ role: "admin" }),
        ({ auth }) => auth.api.createUser(makePerson()),
        ({ auth }) => auth.api.signInEmail({ ...makePerson(), client: "web" }),
        ({ auth }) => auth.api.listSessions({ userId: "nobody" }),
        ({ auth }) => auth.api.revokeEverything(),
        ({ auth }) => auth.handler(new Request(`${origin}/api/auth/ready`)),
        ({ auth }) => auth.handler(new Request(`${origin}/api/auth/jwks`)),
        async ({ auth }) => auth.authenticate(new Request(origin)),
      ];
      for (const verb of verbs) {
        const app = await makeApp({ kind, begin: false });
        expect(app.spy.calls()).toEqual([]);
        await verb(app);
        expect(app.spy.calls()[0]).toBe("start");
        expect(app.warned).toEqual([]);
      }
    }
  });
});
