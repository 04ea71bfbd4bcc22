import { describe, expect, test } from "vitest";
import { cookieRequest } from "../../support/requests.ts";
import { credentialOf, makeStage, type Stage, signUp } from "../../support/stage.ts";

const email = "ada@example.com";

async function makeSession(stage: Stage): Promise<string> {
  return (await signUp(stage.auth, email)).session.id;
}

/** The data the session holds now. */
async function dataOf({ store }: Stage, sessionId: string): Promise<unknown> {
  return (await store.readSession(sessionId as never)).session?.data;
}

describe("session data", () => {
  test("is merged member by member; null removes one, undefined changes nothing else", async () => {
    const stage = makeStage();
    const sessionId = await makeSession(stage);
    const { updateSession } = stage.auth.api;
    await updateSession({ sessionId, data: { cart: [1], theme: "dark", nested: { a: 1, b: 2 } } });
    const updated = await updateSession({ sessionId, data: { theme: null, nested: { a: 3 }, lang: "de" } });
    expect(updated).toMatchObject({
      ok: true,
      session: { data: { cart: [1], nested: { a: 3 }, lang: "de" } },
    });
    expect(await dataOf(stage, sessionId)).toEqual({ cart: [1], nested: { a: 3 }, lang: "de" });
    await updateSession({ sessionId, data: {} });
    expect(await dataOf(stage, sessionId)).toEqual({ cart: [1], nested: { a: 3 }, lang: "de" });
  });

  test("keeps false, 0 and empty text", async () => {
    const stage = makeStage();
    const sessionId = await makeSession(stage);
    await stage.auth.api.updateSession({ sessionId, data: { a: false, b: 0, c: "" } });
    expect(await dataOf(stage, sessionId)).toEqual({ a: false, b: 0, c: "" });
  });

  test("with members named like the language's own pollutes nothing", async () => {
    const stage = makeStage();
    const sessionId = await makeSession(stage);
    const data = JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
    await stage.auth.api.updateSession({ sessionId, data });
    expect({}).not.toHaveProperty("admin");
    const loaded = await stage.auth.api.updateSession({ sessionId, data: { a: 1 } });
    expect(loaded.ok && loaded.session.data.admin).toBeUndefined();
  });

  test("is counted in bytes", async () => {
    const stage = makeStage();
    const sessionId = await makeSession(stage);
    const data = { a: "é".repeat(8192) };
    expect(await stage.auth.api.updateSession({ sessionId, data })).toMatchObject({ code: "data_too_large" });
  });

  test("of 16384 bytes of JSON is kept, one more is refused and changes nothing", async () => {
    const stage = makeStage();
    const sessionId = await makeSession(stage);
    const room = 16_384 - '{"a":""}'.length;
    const { updateSession } = stage.auth.api;
    expect(await updateSession({ sessionId, data: { a: "x".repeat(room) } })).toHaveProperty("ok", true);
    expect(await updateSession({ sessionId, data: { a: "x".repeat(room + 1) } })).toMatchObject({
      ok: false,
      code: "data_too_large",
    });
    expect(await updateSession({ sessionId, data: { b: 1 } })).toMatchObject({ code: "data_too_large" });
    expect(await dataOf(stage, sessionId)).toEqual({ a: "x".repeat(room) });
  });

  test("of a session that ended is not written, nor of one that never was", async () => {
    const stage = makeStage();
    const signedIn = await signUp(stage.auth, email);
    const sessionId = signedIn.session.id;
    await stage.auth.api.signOut(cookieRequest(credentialOf(signedIn)));
    const { updateSession } = stage.auth.api;
    expect(await updateSession({ sessionId, data: { a: 1 } })).toEqual({ ok: false, code: "session_ended" });
    expect(await dataOf(stage, sessionId)).toEqual({});
    expect(await updateSession({ sessionId: "never", data: { a: 1 } })).toMatchObject({
      code: "session_not_found",
    });
  });

  test.each([2, 5, 10])("of %i updates at once none is lost", async (count) => {
    const stage = makeStage();
    const sessionId = await makeSession(stage);
    const members = Array.from({ length: count }, (_, i) => [`member${i}`, i] as const);
    const results = await Promise.all(
      members.map(([name, i]) => stage.auth.api.updateSession({ sessionId, data: { [name]: i } })),
    );
    expect(results.filter((result) => !result.ok)).toEqual([]);
    expect(await dataOf(stage, sessionId)).toEqual(Object.fromEntries(members));
  });

  test("that another request writes between reading and writing is merged, not written over", async () => {
    let between: (() => Promise<unknown>) | undefined;
    const stage = makeStage({}, (inner) => ({
      async readSession(id) {
        const read = await inner.readSession(id);
        const write = between;
        between = undefined;
        await write?.();
        return read;
      },
    }));
    const sessionId = await makeSession(stage);
    between = () => stage.store.updateSession(sessionId as never, 0, { theirs: 1 });
    expect(await stage.auth.api.updateSession({ sessionId, data: { ours: 2 } })).toHaveProperty("ok", true);
    expect(await dataOf(stage, sessionId)).toEqual({ theirs: 1, ours: 2 });
  });

  test("of 50 updates at once none that was answered with ok is lost, and no other is written", async () => {
    const { written, answered } = await fiftyUpdates();
    expect(answered.length).toBeGreaterThan(0);
    expect(written).toEqual(answered);
  });

  test("of 50 updates at once none is refused", async () => {
    const { answered } = await fiftyUpdates();
    expect(answered).toHaveLength(50);
  });
});

async function fiftyUpdates(): Promise<{ readonly written: string[]; readonly answered: string[] }> {
  const stage = makeStage();
  const sessionId = await makeSession(stage);
  const answered: string[] = [];
  const update = async (name: string): Promise<void> => {
    const result = await stage.auth.api.updateSession({ sessionId, data: { [name]: true } });
    if (result.ok) answered.push(name);
    else expect(result).toEqual({ ok: false, code: "conflict" });
  };
  await Promise.all(Array.from({ length: 50 }, (_, i) => update(`member${i}`)));
  const written = Object.keys((await dataOf(stage, sessionId)) ?? {});
  return { written: written.sort(), answered: answered.sort() };
}
