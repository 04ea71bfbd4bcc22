import { expect, test, vi } from "vitest";
import { makeStage, pause, slowStorage, watch } from "./stage.ts";

const unavailable = {
  status: 503,
  headers: { "retry-after": "1", "content-type": "application/problem+json" },
};

test.each([
  ["the connection is reset", { reset: true }],
  ["500", { answer: { status: 500, body: "oops" } }],
  ["502 by a proxy", { answer: { status: 502, body: "<h1>Bad gateway</h1>" } }],
  ["503", { answer: { ...unavailable, body: '{"code":"cannot_tell"}' } }],
  ["429", { answer: { status: 429, headers: { "retry-after": "60" }, body: '{"code":"rate_limited"}' } }],
  ["404 by a proxy", { answer: { status: 404, body: "nothing here" } }],
  ["401 by a proxy", { answer: { status: 401, body: "who are you" } }],
  ["401 of another program", { answer: { status: 401, body: '{"code":"unauthorized"}' } }],
  ["403", { answer: { status: 403, body: '{"code":"forbidden"}' } }],
  ["a page of the hotel", { answer: { status: 200, body: "<h1>Welcome</h1>" } }],
  ["JSON of something else", { answer: { status: 200, body: '{"hello":"world"}' } }],
])("%s is no sign-out: offline, with who was known, and back by itself", async (_, fault) => {
  const stage = await makeStage({ access: { expiresIn: 2 } });
  const { client, states, userId } = await stage.arrive({ events: false });
  stage.proxy.befall(() => fault);
  expect(await client.getSession()).toMatchObject({ ok: false });
  expect(client.getSnapshot()).toMatchObject({ status: "offline", user: { id: userId } });
  await pause(2200);
  expect(client.getSnapshot().status).toBe("offline");
  stage.proxy.befall(() => undefined);
  await vi.waitFor(() => expect(client.getSnapshot().status).toBe("authenticated"), 10_000);
  expect(states).not.toContain("signed-out");
});

test("a start without the server is offline, not signed out; who was signed in is, when it is back", async () => {
  const stage = await makeStage();
  const storage = slowStorage();
  await stage.arrive({ storage, events: false });
  stage.proxy.open(false);
  const later = stage.client({ storage, events: false });
  const states = watch(later);
  await vi.waitFor(() => expect(states).toEqual(["offline"]), 3000);
  expect(later.getSnapshot().user).toBeNull();
  stage.proxy.open(true);
  await vi.waitFor(() => expect(states).toEqual(["offline", "authenticated"]), 5000);
});

test("signed out stays signed out while the server is away", async () => {
  const stage = await makeStage();
  const { client, states } = await stage.arrive({ events: false });
  await client.signOut();
  stage.proxy.open(false);
  await client.getSession();
  expect(states).toEqual(["signed-out"]);
});

test("where the credential cannot be renewed a request is answered by that, never by a 401", async () => {
  const stage = await makeStage({ access: { expiresIn: 1 } });
  const { client, states } = await stage.arrive({ events: false });
  stage.proxy.befall(({ path }) => (path === "/api/auth/refresh" ? { answer: unavailable } : undefined));
  await pause(1200);
  const answer = await client.fetch("/api/me");
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
  stage.proxy.befall(({ path }) => (path === "/api/auth/refresh" ? { reset: true } : undefined));
  await expect(client.fetch("/api/me")).rejects.toThrow(TypeError);
  expect(await client.listSessions()).toMatchObject({ ok: false, code: "network" });
  expect(states).not.toContain("signed-out");
});

test("the server is restarted under it", async () => {
  const stage = await makeStage({ access: { expiresIn: 2 } });
  const { client, states } = await stage.arrive();
  for (let turn = 0; turn < 3; turn++) {
    stage.proxy.open(false);
    await expect(client.fetch("/api/me")).rejects.toThrow();
    await vi.waitFor(() => expect(client.getSnapshot().status).toBe("offline"), 3000);
    stage.proxy.open(true);
    expect((await client.fetch("/api/me")).status).toBe(200);
    await vi.waitFor(() => expect(client.getSnapshot().status).toBe("authenticated"), 10_000);
  }
  expect(states).not.toContain("signed-out");
});
