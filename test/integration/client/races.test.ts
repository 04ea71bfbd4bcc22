import { expect, test, vi } from "vitest";
import { makeStage, password, pause, type Stage, slowStorage, watch } from "./stage.ts";

/** The next answer to such a request is on its way until it may arrive. */
function holdNext({ proxy }: Stage, path: string) {
  let go = (): void => undefined;
  const until = new Promise<void>((resolve) => {
    go = resolve;
  });
  const asked = new Promise<void>((arrive) => {
    let held = false;
    proxy.befall((one) => {
      if (held || one.path !== `/api/auth${path}`) return undefined;
      held = true;
      // The server has answered by then, which is what makes the answer old.
      setTimeout(arrive, 100);
      return { answerAfter: until };
    });
  });
  return { asked, go };
}

test("who was signed in when it was asked is not so again after a sign-out", async () => {
  const stage = await makeStage();
  const { client, states } = await stage.arrive({ events: false });
  const held = holdNext(stage, "/get-session");
  const asking = client.getSession();
  await held.asked;
  expect(await client.signOut()).toEqual({ ok: true });
  held.go();
  await asking;
  await pause(300);
  expect(states).toEqual(["signed-out"]);
});

test.each(["mobile", "session"])("%s: that nobody was does not undo a sign-in", async (name) => {
  const stage = await makeStage();
  const { client, email, sessionId } = await stage.arrive({ client: name, events: false });
  await stage.auth.api.revokeSession({ sessionId });
  const held = holdNext(stage, "/get-session");
  const asking = client.getSession();
  await held.asked;
  const states = watch(client);
  expect(await client.signIn.email({ email, password })).toMatchObject({ ok: true });
  held.go();
  await asking;
  await pause(300);
  expect(states.filter((state) => state === "signed-out")).toEqual([]);
  expect(client.getSnapshot().status).toBe("authenticated");
  expect((await client.fetch("/api/me")).status).toBe(200);
});

test("a role that was taken away meanwhile is not given back", async () => {
  const stage = await makeStage();
  const { client, userId } = await stage.arrive();
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")[0]?.status).toBe(200));
  await stage.auth.api.setRole({ userId, roles: ["editor"] });
  await vi.waitFor(() => expect(client.can("post:write")).toBe(true));
  const held = holdNext(stage, "/get-session");
  const asking = client.getSession();
  await held.asked;
  await stage.auth.api.setRole({ userId, roles: [] });
  await vi.waitFor(() => expect(client.can("post:write")).toBe(false));
  const given: boolean[] = [];
  const stop = client.subscribe(() => void given.push(client.can("post:write")));
  held.go();
  await asking;
  await pause(300);
  stop();
  expect(given).not.toContain(true);
  expect(client.can("post:write")).toBe(false);
});

test("two accounts in a row: an answer about the first says nothing of the second", async () => {
  const stage = await makeStage();
  const { client } = await stage.arrive({ events: false });
  const held = holdNext(stage, "/get-session");
  const asking = client.getSession();
  await held.asked;
  await client.signUp.email({ email: "second@example.com", password });
  held.go();
  expect(await asking).toMatchObject({ ok: true, user: { email: "second@example.com" } });
  await pause(300);
  expect(client.getSnapshot().user?.email).toBe("second@example.com");
});

test("what another tab tells is not answered by a question that was asked before", async () => {
  const stage = await makeStage();
  const channel = `test ${Math.random()}`;
  const storage = slowStorage();
  const { client } = await stage.arrive({ storage, channel, events: false });
  const other = stage.client({ storage, channel, events: false });
  const states = watch(other);
  await vi.waitFor(() => expect(states).toEqual(["authenticated"]));
  const held = holdNext(stage, "/get-session");
  const asking = other.getSession();
  await held.asked;
  expect(await client.signOut()).toEqual({ ok: true });
  await pause(100);
  held.go();
  await asking;
  await vi.waitFor(() => expect(states).toEqual(["authenticated", "signed-out"]), 2000);
});

test("a tab of another version that tells nonsense changes nothing", async () => {
  const stage = await makeStage();
  const channel = `test ${Math.random()}`;
  const { client, sessionId, states } = await stage.arrive({ channel, events: false });
  const tab = new BroadcastChannel(channel);
  const event = { kind: "event", session: sessionId };
  const nonsense = [
    null,
    "changed",
    {},
    { ...event, event: "roles", data: null },
    { ...event, event: "roles", data: {} },
    { ...event, event: "session", data: { user: {} } },
  ];
  for (const one of nonsense) tab.postMessage(one);
  await pause(200);
  tab.close();
  expect([client.can("post:write"), states, client.getSnapshot().status]).toEqual([
    false,
    [],
    "authenticated",
  ]);
});

test("a listener that throws keeps neither the next one nor the client from anything", async () => {
  const stage = await makeStage();
  const { email, states } = await stage.arrive({ events: false });
  const reported: unknown[] = [];
  const others = process.rawListeners("uncaughtException");
  process.removeAllListeners("uncaughtException").on("uncaughtException", (error) => reported.push(error));
  const broken = new Error("a listener of the application");
  const thrower = stage.client({ events: false });
  const stop = thrower.subscribe(() => {
    throw broken;
  });
  const seen = watch(thrower);
  expect(await thrower.signIn.email({ email, password })).toMatchObject({ ok: true });
  expect(await thrower.signOut()).toEqual({ ok: true });
  await pause(50);
  stop();
  process.removeAllListeners("uncaughtException");
  for (const one of others) process.on("uncaughtException", one as NodeJS.UncaughtExceptionListener);
  expect([seen.at(-1), new Set(reported), states]).toEqual(["signed-out", new Set([broken]), []]);
});
