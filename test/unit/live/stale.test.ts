import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { arrive, carry, live, makeNodes, type Node, settle, until } from "./stage.ts";

const down = () => Promise.reject(new Error("down"));
const silent = { readChanges: down };
const dead = { readChanges: down, readSession: down };
const isStale = (node: Node, request: () => Request) => async () => {
  node.calls.length = 0;
  const result = await node.auth.authenticate(request());
  return { ...result, ok: node.calls.length === 0 };
};

describe.each(live)("%s on a node that hears nothing of the change log", (client) => {
  async function stage(onStale: "lookup" | "reject" | "accept") {
    const [here, there] = makeNodes(2, { revocation: { maxStaleness: 0.2, onStale } }) as [Node, Node];
    const signedIn = await arrive(here, client);
    await settle(there, signedIn);
    return { here, there, signedIn, check: () => there.auth.authenticate(carry(signedIn)) };
  }

  test("lookup: asks the store once it is stale, and sees the revocation there", async () => {
    const { here, there, signedIn, check } = await stage("lookup");
    there.change(silent);
    await until(
      isStale(there, () => carry(signedIn)),
      ({ ok }) => !ok,
    );
    expect(await check()).toMatchObject({ ok: true });
    await here.auth.api.revokeSession({ sessionId: signedIn.session.id });
    expect(await check()).toMatchObject({ ok: false, code: "session_ended" });
  });

  test("lookup: where the store does not answer either it cannot tell, and recovers by itself", async () => {
    const { there, signedIn, check } = await stage("lookup");
    there.change(dead);
    await new Promise((done) => setTimeout(done, 250));
    await expect(Promise.resolve().then(check)).rejects.toMatchObject({ code: "cannot_tell" });
    there.change(undefined);
    await new Promise((done) => setTimeout(done, 260));
    await settle(there, signedIn);
    expect(await check()).toMatchObject({ ok: true });
  });

  test("reject: is stale, which is 503 and no sign-out", async () => {
    const { there, check, signedIn } = await stage("reject");
    there.change(silent);
    await new Promise((done) => setTimeout(done, 250));
    await expect(Promise.resolve().then(check)).rejects.toMatchObject({ code: "stale", retryAfter: 1 });
    const response = await there.auth.handler(
      new Request("http://localhost/api/auth/list-sessions", { headers: carry(signedIn).headers }),
    );
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
    there.change(undefined);
    const patient = () =>
      Promise.resolve()
        .then(check)
        .catch(() => ({ ok: false }));
    await until(patient, ({ ok }) => ok);
  });

  test("accept: goes on with what it knows", async () => {
    const { here, there, check, signedIn } = await stage("accept");
    there.change(dead);
    await new Promise((done) => setTimeout(done, 250));
    expect(await check()).toMatchObject({ ok: true });
    await here.auth.api.revokeSession({ sessionId: signedIn.session.id });
    expect(await check(), "the price").toMatchObject({ ok: true });
    there.change(undefined);
    await until(check, ({ ok }) => !ok);
  });

  test("within the bound nothing is asked, whatever the store does; what was heard counts for good", async () => {
    const { here, there, check, signedIn } = await stage("lookup");
    await here.auth.api.revokeSession({ sessionId: signedIn.session.id });
    await until(check, ({ ok }) => !ok);
    there.change(dead);
    await new Promise((done) => setTimeout(done, 250));
    if (client === "session-live") {
      there.calls.length = 0;
      expect(await check()).toMatchObject({ ok: false, code: "session_ended" });
      expect(there.calls).toEqual([]);
    } else {
      // Neither accepted nor, while nobody can tell, refused by what may have been another life of the store.
      const outcome = await Promise.resolve()
        .then(check)
        .then(
          ({ ok }) => ok,
          () => false,
        );
      expect(outcome).toBe(false);
    }
  });
});

describe("a node whose own tokens live for a minute (P8)", () => {
  const revocation = { maxStaleness: 0.2 };
  const nodesFor = (seconds: number) => ({ revocation, access: { expiresIn: seconds } });

  test("asks about one that lives for an hour, until it is declared that there are such", async () => {
    const store = memoryStore();
    const [silently, openly] = makeNodes(2, { ...nodesFor(3600), store }) as [Node, Node];
    const [there] = makeNodes(1, { ...nodesFor(60), store }) as [Node];
    silently.change({ declareLongest: async () => undefined });
    const first = await arrive(silently, "jwt-live");
    await settle(there, first);
    const isAsked = async (): Promise<boolean> => {
      const signedIn = await arrive(silently, "jwt-live");
      there.calls.length = 0;
      await there.auth.authenticate(carry(signedIn));
      return there.calls.includes("readSession");
    };
    expect([await isAsked(), await isAsked()]).toEqual([true, true]);
    await arrive(openly, "jwt-live");
    await until(
      async () => ({ ok: await isAsked() }),
      ({ ok }) => !ok,
    );
  });

  test("keeps the changes for as long as the longest that was declared", async () => {
    const store = memoryStore();
    const [hour] = makeNodes(1, { ...nodesFor(3600), store }) as [Node];
    await arrive(hour, "jwt-live");
    const [there] = makeNodes(1, { ...nodesFor(60), store }) as [Node];
    const ages: number[] = [];
    there.change({
      trimChanges: async (age) => {
        ages.push(age);
        return 0;
      },
    });
    await settle(there, await arrive(there, "jwt-live"));
    expect(ages).toHaveLength(1);
    expect(ages[0]).toBeGreaterThan(3_600_000);
  });
});
