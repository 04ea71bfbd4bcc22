import { describe, expect, test } from "vitest";
import { type App, type Arrived, makeApp, outcome, withSessions } from "../../support/http/app.ts";
import type { Answer } from "../../support/http/device.ts";
import { stores } from "../../support/http/stores.ts";

/** A request whose body ends when told to: until then whoever sent it has shown a good credential and nothing else. */
function open(
  { device }: Arrived,
  path: string,
  body: object,
): { readonly finish: () => void; readonly answer: Promise<Answer> } {
  const text = new TextEncoder().encode(JSON.stringify(body));
  let finish = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const raw = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async start(controller) {
      controller.enqueue(text.slice(0, 3));
      await told;
      controller.enqueue(text.slice(3));
      controller.close();
    },
  });
  // With a length: a body of unknown length is read to its end before anybody looks at the request.
  const headers = { "content-length": String(text.length) };
  return { finish, answer: device.post(path, undefined, { raw, headers }) };
}

/** Long enough for the handler to have looked at the credential. */
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));

async function twoAdministrators(app: App): Promise<{ readonly ada: Arrived; readonly eve: Arrived }> {
  const [ada, eve] = [await app.arrive("web"), await app.arrive("mobile")];
  for (const { userId } of [ada, eve]) await app.auth.api.setRole({ userId, roles: ["admin"] });
  return { ada, eve };
}

const changes: readonly (readonly [string, string, (app: App, eve: Arrived) => Promise<unknown>])[] = [
  ["demoted", "forbidden", ({ auth }, { userId }) => auth.api.setRole({ userId, roles: [] })],
  ["banned", "session_ended", ({ auth }, { userId }) => auth.api.banUser({ userId })],
  ["deleted", "session_ended", ({ auth }, { userId }) => auth.api.removeUser({ userId })],
  ["signed out", "session_ended", ({ auth }, { sessionId }) => auth.api.revokeSession({ sessionId })],
  ["out with everybody", "session_ended", ({ auth }) => auth.api.revokeEverything()],
];

describe.each(stores)(
  "over $name: standing is that of the moment when the whole request is there",
  (kind) => {
    test.each(changes)("an administrator who was %s meanwhile: %s", async (_, code, change) => {
      const app = await makeApp({ kind, clients: withSessions });
      const { ada, eve } = await twoAdministrators(app);
      const victim = await app.arrive("web");
      const person = { email: "new@example.test", password: "correct horse battery" };
      const requests = [
        open(eve, "/admin/set-role", { userId: eve.userId, roles: ["admin"] }),
        open(eve, "/admin/create-user", { ...person, roles: ["admin"] }),
        open(eve, "/admin/remove-user", { userId: victim.userId }),
        open(eve, "/admin/revoke-everything", {}),
      ];
      await pause();
      await change(app, eve);
      app.spy.forget();
      for (const { finish } of requests) finish();
      for (const { answer } of requests) expect(outcome(await answer)).toBe(code);
      expect(app.spy.writes()).toEqual([]);
      expect(await app.auth.api.getUser({ email: person.email })).toBeUndefined();
      expect((await app.auth.api.getUser({ userId: ada.userId }))?.roles).toEqual(["admin"]);
    });

    test.each(changes.slice(1))("anybody who was %s meanwhile: %s", async (_, code, change) => {
      const app = await makeApp({ kind, clients: withSessions });
      const eve = await app.arrive("mobile");
      const requests = [
        open(eve, "/update-user", { name: "Eve" }),
        open(eve, "/update-session", { data: { late: true } }),
        open(eve, "/revoke-sessions", {}),
      ];
      await pause();
      await change(app, eve);
      app.spy.forget();
      for (const { finish } of requests) finish();
      for (const { answer } of requests) expect(outcome(await answer)).toBe(code);
      expect(app.spy.writes()).toEqual([]);
    });

    test("who may not is told nothing about the body, whatever it is", async () => {
      const app = await makeApp({ kind, clients: withSessions });
      const eve = await app.arrive("mobile");
      for (const raw of ["no JSON", '{"surprise":1}', "[".repeat(10_000)]) {
        expect(outcome(await eve.device.post("/admin/set-role", undefined, { raw }))).toBe("forbidden");
      }
    });
  },
);
