import { memoryStore } from "latchkey/memory";
import { describe, expect, test } from "vitest";
import { arrive, carry, makeNodes, type Node, settle } from "./stage.ts";

/** Rule P12: what becomes known while the store is asked speaks against the answer. */
describe("what comes while a check asks the store", () => {
  test("a revocation is seen by that check, and what it found is not remembered (300 of 300)", async () => {
    const inner = memoryStore();
    const [here, there] = makeNodes(2, { store: inner }) as [Node, Node];
    const first = await arrive(here, "session-live");
    await settle(there, first);
    let accepted = 0;
    for (let round = 0; round < 300; round++) {
      const signedIn = await arrive(here, "session-live");
      // The answer of the store is on its way while the change log overtakes it.
      there.change({
        async readSession(id, userId) {
          const read = await inner.readSession(id, userId);
          if (id !== signedIn.session.id) return read;
          await here.auth.api.revokeSession({ sessionId: signedIn.session.id });
          await heard(there, signedIn);
          return read;
        },
      });
      const during = await there.auth.authenticate(carry(signedIn));
      there.change(undefined);
      const after = await there.auth.authenticate(carry(signedIn));
      if (during.ok || after.ok) accepted += 1;
    }
    expect(accepted).toBe(0);
  });

  test("new roles that come meanwhile are shown, and remembered", async () => {
    const inner = memoryStore();
    const [here, there] = makeNodes(2, { store: inner }) as [Node, Node];
    await settle(there, await arrive(here, "session-live"));
    const signedIn = await arrive(here, "session-live");
    there.change({
      async readSession(id, userId) {
        const read = await inner.readSession(id, userId);
        await here.auth.api.setRole({ userId: signedIn.user.id, roles: ["editor"] });
        await heard(there, signedIn);
        return read;
      },
    });
    const shown = { ok: true, user: { roles: ["editor"] } };
    expect(await there.auth.authenticate(carry(signedIn))).toMatchObject(shown);
    there.change(undefined);
    expect(await there.auth.authenticate(carry(signedIn))).toMatchObject(shown);
  });

  /** Waits until the node's log has come as far: a later session that is revoked is refused there. */
  async function heard(there: Node, _: unknown): Promise<void> {
    for (let i = 0; i < 100; i++) {
      const [verifier, ...others] = await there.auth.api.listVerifiers();
      if ([verifier, ...others].every((it) => it?.behind === 0)) return;
      await new Promise((done) => setTimeout(done, 1));
    }
  }
});
