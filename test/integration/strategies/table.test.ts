import type { StrategyName, Transport } from "latchkey";
import { afterAll, describe, expect, test } from "vitest";
import { arrive, carry, makeStage, storeNames } from "./stage.ts";

interface Row {
  readonly reads: number;
  readonly seen: "at once" | "at exp";
}

/** What docs/choose.md says of each strategy. */
const promised: readonly (readonly [StrategyName, Row])[] = [
  ["session", { reads: 1, seen: "at once" }],
  ["session-live", { reads: 0, seen: "at once" }],
  ["jwt", { reads: 0, seen: "at exp" }],
  ["jwt-denylist", { reads: 1, seen: "at once" }],
  ["jwt-allowlist", { reads: 1, seen: "at once" }],
  ["jwt-live", { reads: 0, seen: "at once" }],
];
const transports: readonly Transport[] = ["cookie", "bearer"];
const measured: string[] = [];

afterAll(() => {
  const heading = "strategy        store    transport  a revocation is seen  reads a check";
  process.stdout.write(`${[heading, ...measured].join("\n")}\n`);
});

describe.each(storeNames)("over %s", (kind) => {
  describe.each(transports)("by %s", (transport) => {
    test.each(promised)("%s keeps what is said of it", async (strategy, row) => {
      const { auth, calls, pass } = await makeStage(kind, { clients: { app: { transport, strategy } } });
      const signedIn = await arrive(auth, "app");
      const check = () => auth.authenticate(carry(signedIn));
      expect(await check()).toMatchObject({ ok: true, strategy, client: "app" });
      calls.length = 0;
      for (let i = 0; i < 10; i++) expect((await check()).ok).toBe(true);
      const reads = calls.length / 10;
      const revoked = await auth.api.revokeSession({ sessionId: signedIn.session.id });
      expect(revoked).toMatchObject({ ok: true, revoked: 1 });
      const after = await check();
      const seen = after.ok ? "at exp" : "at once";
      measured.push(
        `${strategy.padEnd(15)} ${kind.padEnd(8)} ${transport.padEnd(10)} ${seen.padEnd(21)} ${reads}`,
      );
      expect({ reads, seen }).toEqual(row);
      // Whatever it is, it says until when, and then it is over.
      expect("until" in revoked).toBe(seen === "at exp");
      pass(901);
      expect((await check()).ok).toBe(false);
    });

    test.each(promised)("%s sees a ban and a new role when it says", async (strategy, { seen }) => {
      const { auth } = await makeStage(kind, { clients: { app: { transport, strategy } } });
      const signedIn = await arrive(auth, "app");
      const check = () => auth.authenticate(carry(signedIn));
      await auth.api.setRole({ userId: signedIn.user.id, roles: ["admin"] });
      const risen = await check();
      expect(risen.ok && risen.can("anything")).toBe(seen === "at once");
      const other = await arrive(auth, "app");
      await auth.api.setRole({ userId: other.user.id, roles: ["admin"] });
      await auth.api.banUser({ userId: signedIn.user.id });
      expect((await check()).ok).toBe(seen === "at exp");
    });
  });
});
