import { randomBytes } from "node:crypto";
import fc from "fast-check";
import type { Change, SessionId } from "latchkey";
import { describe, expect, test } from "vitest";
import { makeCurrency } from "../../../packages/latchkey/src/replica/currency.ts";
import { makeKnowledge } from "../../../packages/latchkey/src/replica/knowledge/knowledge.ts";
import { makeLive } from "../../../packages/latchkey/src/replica/live.ts";
import { lookup } from "./stage.ts";

const aSession = (): SessionId => randomBytes(16).toString("base64url") as SessionId;
const sessionId = aSession();
const keepFor = 900_000;

function stage() {
  const time = { now: 1_800_000_000_000 };
  const knowledge = makeKnowledge(() => time.now);
  const hear = (change: Change, at = time.now) => knowledge.apply({ at, change }, keepFor);
  const currency = makeCurrency({ monotonic: () => time.now, wall: () => time.now });
  const live = makeLive(knowledge, currency, {
    maxStaleness: 2000,
    onStale: "lookup",
    longestLife: () => 0,
    lookup,
  });
  return { time, knowledge, hear, live };
}

const issued = {
  ...{ sessionId, userId: "ann", keyId: "k" },
  ...{ globalEpoch: 3, userEpoch: 2, sessionEpoch: 1, version: 5 },
};

describe("what is known against a credential", () => {
  const about = { sessionId, userId: "ann" };
  const state = { kind: "user_state", userId: "ann", roles: [] } as const;
  test.each<[string, Change, string | undefined]>([
    ["its session ended", { kind: "session_ended", ...about }, "session_ended"],
    ["it was renewed", { kind: "session_epoch", ...about, epoch: 2 }, "credential_renewed"],
    ["renewed before it was issued", { kind: "session_epoch", ...about, epoch: 1 }, undefined],
    ["another session ended", { kind: "session_ended", sessionId: aSession(), userId: "ann" }, undefined],
    ["all of the user's was revoked", { kind: "user_epoch", userId: "ann", epoch: 3 }, "session_ended"],
    ["before it was issued", { kind: "user_epoch", userId: "ann", epoch: 2 }, undefined],
    ["another user's", { kind: "user_epoch", userId: "bob", epoch: 9 }, undefined],
    ["everything was revoked", { kind: "global_epoch", epoch: 4 }, "session_ended"],
    ["before it was issued", { kind: "global_epoch", epoch: 3 }, undefined],
    ["the user is gone", { kind: "user_deleted", userId: "ann", epoch: 3 }, "session_ended"],
    ["one of this id was gone before", { kind: "user_deleted", userId: "ann", epoch: 2 }, undefined],
    ["banned", { ...state, version: 6, status: "banned", bannedUntil: null }, "account_unavailable"],
    [
      "banned by the application",
      { ...state, version: 6, status: "banned", bannedUntil: null, ownBan: { until: 1 } },
      "account_unavailable",
    ],
    [
      "banned for a while",
      { ...state, version: 6, status: "banned", bannedUntil: 1_800_000_000_001 },
      "account_unavailable",
    ],
    [
      "a ban that is over",
      { ...state, version: 6, status: "banned", bannedUntil: 1_800_000_000_000 },
      undefined,
    ],
    ["a ban before it was read", { ...state, version: 5, status: "banned", bannedUntil: null }, undefined],
    [
      "its key was retired",
      { kind: "key_retired", keyId: "k", retiresAt: 1_800_000_000_000 },
      "credential_invalid",
    ],
    ["is to be retired", { kind: "key_retired", keyId: "k", retiresAt: 1_800_000_000_001 }, undefined],
    ["another was", { kind: "key_retired", keyId: "other", retiresAt: 0 }, undefined],
    ["a key was added", { kind: "key_added", keyId: "k", activatesAt: 0 }, undefined],
  ])("%s: %j → %s", (_, change, code) => {
    const { time, hear, live } = stage();
    expect(hear(change)).toBe(true);
    expect(live.against(issued, time.now)).toBe(code);
  });

  test("a kind that is not known is not taken in", () => {
    const { hear } = stage();
    expect(hear(JSON.parse('{"kind":"session_frozen","sessionId":"x"}'))).toBe(false);
  });
});

test("roles: those of the higher version", () => {
  const { hear, live } = stage();
  expect(live.rolesAfter("ann", 5)).toBeUndefined();
  const state = { kind: "user_state", userId: "ann", status: "active", bannedUntil: null } as const;
  hear({ ...state, version: 7, roles: ["editor"] });
  hear({ ...state, version: 6, roles: ["reader"] });
  expect(live.rolesAfter("ann", 5)).toEqual(["editor"]);
  expect(live.rolesAfter("ann", 6)).toEqual(["editor"]);
  expect(live.rolesAfter("ann", 7)).toBeUndefined();
});

test("a ban of ours and one of the application's are handed on as what they are", () => {
  const state = { kind: "user_state", userId: "ann", roles: [] } as const;
  for (const change of [
    { ...state, version: 1, status: "active", bannedUntil: null },
    { ...state, version: 1, status: "banned", bannedUntil: null, ownBan: null },
    { ...state, version: 1, status: "banned", bannedUntil: null, ownBan: { until: 7 } },
    { ...state, version: 1, status: "banned", bannedUntil: null },
  ] as const) {
    const { hear, knowledge } = stage();
    hear(change);
    expect(knowledge.kept()).toEqual([change]);
  }
});

const id = fc.constantFrom(...Array.from({ length: 4 }, aSession));
const user = fc.constantFrom("ann", "bob");
const n = fc.integer({ min: 0, max: 5 });
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("session_ended" as const), sessionId: id, userId: user }),
  fc.record({ kind: fc.constant("session_epoch" as const), sessionId: id, userId: user, epoch: n }),
  fc.record({ kind: fc.constant("user_epoch" as const), userId: user, epoch: n }),
  fc.record({ kind: fc.constant("user_deleted" as const), userId: user, epoch: n }),
  fc.record({ kind: fc.constant("global_epoch" as const), epoch: n }),
  fc.record({ kind: fc.constant("key_retired" as const), keyId: fc.constantFrom("k", "l"), retiresAt: n }),
  fc.record({
    ...{ kind: fc.constant("user_state" as const), userId: user, version: n, bannedUntil: fc.constant(null) },
    // One version is one state.
    ...{ roles: fc.constant<string[]>([]), status: fc.constant("banned" as const) },
  }),
);

function everything(of: ReturnType<typeof stage>, ids: readonly SessionId[]): unknown {
  const verdicts = ids.flatMap((one) =>
    ["ann", "bob"].flatMap((userId) =>
      [0, 2, 4].map((epoch) => {
        const epochs = { globalEpoch: epoch, userEpoch: epoch, sessionEpoch: epoch, version: epoch };
        return of.live.against({ sessionId: one, userId, keyId: "k", ...epochs }, 3);
      }),
    ),
  );
  return verdicts;
}

test("the order in which changes are heard, and how often, makes no difference (P13)", () => {
  const changes = fc.array(change, { maxLength: 12 });
  fc.assert(
    fc.property(changes, fc.infiniteStream(fc.nat()), (list, random) => {
      const ids = [...new Set(list.flatMap((it) => ("sessionId" in it ? [it.sessionId] : [])))];
      const [a, b] = [stage(), stage()];
      for (const it of list) a.hear(it);
      const order = () => (random.next().value ?? 0) % 1000;
      const shuffled = [...list, ...list].map((it) => ({ it, at: order() })).sort((x, y) => x.at - y.at);
      for (const { it } of shuffled) b.hear(it);
      expect(everything(b, ids)).toEqual(everything(a, ids));
    }),
    { numRuns: 500 },
  );
});

test("what is kept says the same as what was heard, to a store or to another process", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (list) => {
      const ids = [...new Set(list.flatMap((it) => ("sessionId" in it ? [it.sessionId] : [])))];
      const [a, b] = [stage(), stage()];
      for (const it of list) a.hear(it);
      for (const it of a.knowledge.kept()) b.hear(it);
      expect(everything(b, ids)).toEqual(everything(a, ids));
    }),
    { numRuns: 500 },
  );
});

test("a state that is held on to sees every change, also one that had been heard of before", () => {
  const { knowledge, hear } = stage();
  hear({ kind: "session_epoch", sessionId, userId: "ann", epoch: 2 });
  const session = knowledge.holdSession(sessionId);
  const ann = knowledge.holdUser("ann");
  expect(session.epoch).toBe(2);
  hear({ kind: "session_ended", sessionId, userId: "ann" });
  hear({ kind: "user_epoch", userId: "ann", epoch: 8 });
  expect(session.epoch).toBeGreaterThan(1e9);
  expect(ann.epoch).toBe(8);
  expect(knowledge.holdSession(sessionId)).toBe(session);
});

test("a state leaves with the last who holds on to it, not before; what must be kept stays", () => {
  const { knowledge, hear, time } = stage();
  const [first, again] = [knowledge.holdSession(sessionId), knowledge.holdSession(sessionId)];
  knowledge.holdUser("ann");
  knowledge.holdUser("ann");
  expect(again).toBe(first);
  knowledge.release(sessionId, "ann");
  hear({ kind: "session_ended", sessionId, userId: "ann" });
  expect(first.epoch).toBeGreaterThan(1e9);
  knowledge.release(sessionId, "ann");
  expect(knowledge.sizes.users).toBe(0);
  expect(knowledge.sessionEpoch(sessionId)).toBeGreaterThan(1e9);
  hear({ kind: "user_epoch", userId: "ann", epoch: 1 });
  time.now += keepFor - 1;
  knowledge.sweep();
  expect(knowledge.user("ann")?.epoch).toBe(1);
  time.now += 1;
  knowledge.sweep();
  expect(knowledge.user("ann")).toBeUndefined();
});
