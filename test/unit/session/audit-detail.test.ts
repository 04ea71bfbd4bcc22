import { expect, test } from "vitest";
import { makeStage, signUp } from "../../support/stage.ts";

/** What a tool says of itself; two of its members try to speak for the act. */
const call = { detail: { via: "a tool", reason: "forged", until: 7, roles: ["forged"] } };

test("what a call says of itself stands in the entry and the event, and never over what the act says", async () => {
  const { auth } = makeStage();
  const seen: object[] = [];
  auth.on("user_banned", ({ detail }) => seen.push(detail));
  const { user } = await signUp(auth, "ada@example.com");
  await auth.api.banUser({ userId: user.id, reason: "spam" }, call);
  const [entry] = await auth.api.listEvents({ type: "user_banned" });
  expect(entry?.actorId).toBeNull();
  expect(entry?.detail).toEqual({ via: "a tool", reason: "spam", until: null, roles: ["forged"] });
  expect(seen).toEqual([entry?.detail]);
});

test("every administrative verb takes it along", async () => {
  const { auth } = makeStage();
  const { user, session } = await signUp(auth, "ada@example.com");
  const { api } = auth;
  const userId = user.id;
  const acts = [
    () => api.createUser({ email: "b@example.com", password: "correct horse battery staple" }, call),
    () => api.setRole({ userId, roles: ["editor"] }, call),
    () => api.revokeSession({ sessionId: session.id }, call),
    () => api.revokeSessions({ userId }, call),
    () => api.banUser({ userId }, call),
    () => api.unbanUser({ userId }, call),
    () => api.rotateKeys({}, call),
    () => api.revokeEverything(call),
    () => api.removeUser({ userId }, call),
  ];
  for (const act of acts) {
    await act();
    const [entry] = await api.listEvents({ limit: 1 });
    expect(entry?.detail, act.toString()).toMatchObject({ via: "a tool" });
  }
});

test("without it an entry says what it said before", async () => {
  const { auth } = makeStage();
  const { user } = await signUp(auth, "ada@example.com");
  await auth.api.unbanUser({ userId: user.id });
  await auth.api.revokeSessions({ userId: user.id });
  expect((await auth.api.listEvents({ limit: 1 }))[0]?.detail).toEqual({});
});
