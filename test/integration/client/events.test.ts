import { expect, test, vi } from "vitest";
import { makeStage, password, pause, slowStorage } from "./stage.ts";

const names = ["mobile", "plain", "session"];

test.each(names)("%s: new roles and the end are seen within a second, without asking", async (name) => {
  const stage = await makeStage();
  const { client, userId, sessionId, states } = await stage.arrive({ client: name });
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")).toHaveLength(1));
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")[0]?.status).toBe(200));
  const asked = stage.asked("/api/auth/get-session").length;
  await stage.auth.api.setRole({ userId, roles: ["editor"] });
  await vi.waitFor(() => expect(client.can("post:write")).toBe(true), { timeout: 1000, interval: 5 });
  expect(client.getSnapshot()).toMatchObject({ user: { roles: ["editor"] }, permissions: ["post:*"] });
  expect(stage.asked("/api/auth/get-session")).toHaveLength(asked);
  await stage.auth.api.revokeSession({ sessionId });
  // A plain JWT lives on, and so does what is signed in with it, until it is to be renewed.
  await vi.waitFor(() => expect(states.at(-1)).toBe("signed-out"), { timeout: 1000, interval: 5 });
});

test("a ban is seen within a second, after which nothing is asked any more", async () => {
  const stage = await makeStage();
  const { client, userId } = await stage.arrive();
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")[0]?.status).toBe(200));
  await stage.auth.api.banUser({ userId });
  await vi.waitFor(() => expect(client.getSnapshot().status).toBe("signed-out"), {
    timeout: 1000,
    interval: 5,
  });
  const asked = stage.proxy.passed.length;
  await pause(2500);
  expect(stage.proxy.passed).toHaveLength(asked);
});

test("a stream that is cut is opened again, and what happened meanwhile is known", async () => {
  const stage = await makeStage();
  const { client, userId, states } = await stage.arrive();
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")[0]?.status).toBe(200));
  stage.proxy.open(false);
  await vi.waitFor(() => expect(client.getSnapshot().status).toBe("offline"), 3000);
  await stage.auth.api.setRole({ userId, roles: ["editor"] });
  stage.proxy.open(true);
  await vi.waitFor(() => expect(client.getSnapshot().status).toBe("authenticated"), 10_000);
  expect(client.can("post:write")).toBe(true);
  await vi.waitFor(() => expect(stage.asked("/api/auth/events").at(-1)?.status).toBe(200), 10_000);
  await stage.auth.api.banUser({ userId });
  await vi.waitFor(() => expect(client.getSnapshot().status).toBe("signed-out"), 1000);
  expect(states.filter((state) => state === "signed-out")).toHaveLength(1);
});

test("one's own new password ends the stream and nothing else", async () => {
  const stage = await makeStage();
  const { client, states } = await stage.arrive();
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")[0]?.status).toBe(200));
  const newPassword = "another horse battery staple";
  expect(await client.changePassword({ currentPassword: password, newPassword })).toMatchObject({ ok: true });
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")).toHaveLength(2), 5000);
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")[1]?.status).toBe(200));
  expect(states).not.toContain("signed-out");
});

test("another tab's new password, heard of before its answer, signs nobody out", async () => {
  const stage = await makeStage();
  const storage = slowStorage();
  const { client } = await stage.arrive({ storage, events: false });
  const other = stage.client({ storage });
  const states: string[] = [];
  const stop = other.subscribe(() => void states.push(other.getSnapshot().status));
  await vi.waitFor(() => expect(stage.asked("/api/auth/events").at(-1)?.status).toBe(200));
  const held = new Promise<void>((resolve) => setTimeout(resolve, 500));
  stage.proxy.befall(({ path }) => (path.endsWith("/change-password") ? { answerAfter: held } : undefined));
  await client.changePassword({ currentPassword: password, newPassword: "another horse battery staple" });
  await pause(1500);
  stop();
  expect(states).toEqual(["authenticated"]);
});

test("a server without events is not asked again, and one that is full later", async () => {
  const stage = await makeStage({ events: false });
  const { client } = await stage.arrive();
  await pause(2500);
  expect(stage.asked("/api/auth/events").map(({ status }) => status)).toEqual([404]);
  expect(client.getSnapshot().status).toBe("authenticated");

  const full = await makeStage({ events: { total: 1 } });
  await full.arrive();
  await vi.waitFor(() => expect(full.asked("/api/auth/events")[0]?.status).toBe(200));
  const late = await full.arrive();
  await pause(2500);
  expect(full.asked("/api/auth/events").map(({ status }) => status)).toEqual([200, 503]);
  expect(late.client.getSnapshot().status).toBe("authenticated");
});

test("nothing runs before somebody wants to know, nor after the last has gone", async () => {
  const stage = await makeStage();
  const client = stage.client();
  await client.signUp.email({ email: "ada@example.com", password });
  await pause(300);
  expect(stage.asked("/api/auth/events")).toEqual([]);
  const stops = [client.subscribe(() => undefined), client.subscribe(() => undefined)];
  await vi.waitFor(() => expect(stage.asked("/api/auth/events")).toHaveLength(1));
  stops[0]?.();
  stops[0]?.();
  await pause(300);
  const { userId } = { userId: client.getSnapshot().user?.id ?? "" };
  await stage.auth.api.setRole({ userId, roles: ["editor"] });
  await vi.waitFor(() => expect(client.can("post:write")).toBe(true));
  stops[1]?.();
  await pause(300);
  await stage.auth.api.setRole({ userId, roles: [] });
  await pause(300);
  expect(client.can("post:write")).toBe(true);
  expect(stage.asked("/api/auth/events")).toHaveLength(1);
});
