import { randomBytes } from "node:crypto";
import fc from "fast-check";
import type { Change, SessionId } from "latchkey";
import { describe, expect, test } from "vitest";
import { type CredentialCache, makeCredentialCache } from "../../../packages/latchkey/src/replica/cache.ts";
import { makeCurrency } from "../../../packages/latchkey/src/replica/currency.ts";
import { makeKnowledge } from "../../../packages/latchkey/src/replica/knowledge/knowledge.ts";
import { makeLive } from "../../../packages/latchkey/src/replica/live.ts";
import { heap } from "../../support/heap.ts";
import { lookup } from "./stage.ts";

const aSession = (): SessionId => randomBytes(16).toString("base64url") as SessionId;
const sessionId = aSession();
const keepFor = 900_000;

function stage() {
  const time = { now: 1_800_000_000_000 };
  const knowledge = makeKnowledge(() => time.now);
  const hear = (change: Change, at = time.now) => knowledge.apply({ at, change }, keepFor);
  const currency = makeCurrency({
    monotonic: () => time.now,
    elapsed: (since) => Math.ceil(time.now - since),
    wall: () => time.now,
  });
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

/** What a header that is nothing but it brings. */
const ofAnn = <Result>(cache: CredentialCache<Result>, now: number): Result | undefined => {
  const token = "a token of ann's";
  return cache.find(token, 0, token.length, "", now);
};

test("what is remembered of the user's version or a later one is not undone by what was heard before (P15)", () => {
  const { time, hear, knowledge } = stage();
  const cache = makeCredentialCache<readonly string[]>(knowledge, 10);
  const state = { kind: "user_state", userId: "ann", bannedUntil: null } as const;
  hear({ ...state, version: 5, roles: ["banned"], status: "banned" });
  const remembered = {
    issued,
    until: time.now + 1000,
    result: ["editor"],
    withRoles: (roles: readonly string[]) => roles,
  };
  cache.remember("a token of ann's", "", remembered);
  expect(ofAnn(cache, time.now)).toEqual(["editor"]);
  hear({ ...state, version: 6, roles: ["owner"], status: "active" });
  expect(ofAnn(cache, time.now)).toEqual(["owner"]);
  hear({ ...state, version: 7, roles: ["owner"], status: "banned" });
  expect(ofAnn(cache, time.now)).toBeUndefined();
});

test.each([
  ["its limit", 1, 400_000],
  ["its limit, within a second", 999, 400_000],
  ["its limit, after some seconds", 2500, 400_000],
  ["the end of its key", 400_000, 1],
  ["the end of its key, within a second", 400_000, 999],
])("what is remembered holds until %s, to the millisecond", (_, limit, keyEnds) => {
  const { time, hear, knowledge } = stage();
  const cache = makeCredentialCache<string>(knowledge, 10);
  const start = time.now;
  const end = start + Math.min(limit, keyEnds);
  hear({ kind: "key_retired", keyId: "k", retiresAt: start + keyEnds });
  const remembered = { issued, until: start + limit, result: "ann", withRoles: () => "ann" };
  cache.remember("a token of ann's", "", remembered);
  const holds = (at: number) => ofAnn(cache, at) !== undefined;
  const times = [start, start + 1, end - 1, end, end - 1];
  expect(times.map(holds)).toEqual(times.map((at) => at < end));
});

test("a use is noted when it is due, and not before", () => {
  const { time, knowledge } = stage();
  const cache = makeCredentialCache<string>(knowledge, 10);
  const from = time.now + 61_500;
  const noted: number[] = [];
  const note = (now: number) => {
    noted.push(now);
    return { from: now + 60_000, until: now + 90_000 };
  };
  const limits = { until: time.now + 90_000, use: { from, note } };
  cache.remember("a token of ann's", "", { issued, ...limits, result: "ann", withRoles: () => "ann" });
  for (const at of [time.now, from - 1, from, from + 1, from + 59_999, from + 60_000])
    expect(ofAnn(cache, at)).toBe("ann");
  expect(noted).toEqual([from, from + 60_000]);
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

test("what depends on a state is told of every change of it, also of one that had been heard of before", () => {
  const { knowledge, hear } = stage();
  hear({ kind: "session_epoch", sessionId, userId: "ann", epoch: 2 });
  const [one, other] = [{ fresh: true }, { fresh: true }];
  const { session, user } = knowledge.depend(sessionId, "ann", one);
  knowledge.depend(aSession(), "bob", other);
  expect(session.epoch).toBe(2);
  const news = (change: Change): readonly boolean[] => {
    one.fresh = true;
    other.fresh = true;
    hear(change);
    return [one.fresh, other.fresh];
  };
  const state = { kind: "user_state", userId: "ann", status: "active", bannedUntil: null } as const;
  expect(news({ kind: "session_ended", sessionId, userId: "ann" })).toEqual([false, true]);
  expect(news({ kind: "user_epoch", userId: "ann", epoch: 8 })).toEqual([false, true]);
  expect(news({ ...state, version: 9, roles: ["a"] })).toEqual([false, true]);
  expect(news({ kind: "user_deleted", userId: "bob", epoch: 1 })).toEqual([true, false]);
  expect(news({ kind: "session_ended", sessionId: aSession(), userId: "ann" })).toEqual([true, true]);
  expect([session.epoch > 1e9, user.epoch, user.roles]).toEqual([true, 8, ["a"]]);
  const { generation } = knowledge.global;
  hear({ kind: "global_epoch", epoch: 1 });
  hear({ kind: "key_retired", keyId: "k", retiresAt: 1 });
  expect(knowledge.global.generation).toBe(generation + 2);
});

test("a state leaves with the last that depends on it, not before; what must be kept stays", () => {
  const { knowledge, hear, time } = stage();
  const [one, other] = [{ fresh: true }, { fresh: true }];
  const { session } = knowledge.depend(sessionId, "ann", one);
  expect(knowledge.depend(sessionId, "ann", other).session).toBe(session);
  knowledge.release(sessionId, "ann", one);
  hear({ kind: "session_ended", sessionId, userId: "ann" });
  expect([session.epoch > 1e9, one.fresh, other.fresh]).toEqual([true, true, false]);
  knowledge.release(sessionId, "ann", other);
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

test("of many that depend on one user any may leave in any order, and the others are still told", () => {
  const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 0, maxLength: 6 });
  fc.assert(
    fc.property(order, (leaving) => {
      const { knowledge, hear } = stage();
      const all = Array.from({ length: 6 }, () => ({ fresh: true }));
      for (const one of all) knowledge.depend(sessionId, "ann", one);
      for (const at of leaving) knowledge.release(sessionId, "ann", all[at] ?? { fresh: true });
      knowledge.release(sessionId, "ann", { fresh: true });
      hear({ kind: "user_epoch", userId: "ann", epoch: 1 });
      expect(all.map(({ fresh }) => fresh)).toEqual(all.map((_, at) => leaving.includes(at)));
    }),
  );
});

test("what is remembered keeps no long header alive that it stood in", () => {
  const { time, knowledge } = stage();
  const cache = makeCredentialCache<string>(knowledge, 1000);
  const remembered = { issued, until: time.now + 1000, result: "ann", withRoles: () => "ann" };
  const before = heap();
  for (let i = 0; i < 300; i++) {
    const token = randomBytes(30).toString("base64url");
    cache.remember(token, "sid", remembered);
    const header = Buffer.from(`sid=${token}; other=${"o".repeat(16_000)}`).toString("latin1");
    for (let check = 0; check < 3; check++)
      expect(cache.find(header, 4, 4 + token.length, "sid", time.now)).toBe("ann");
  }
  expect((heap() - before) / 300).toBeLessThan(4000);
});

test("a credential is found wherever it stands, and no other by its place, its end or a part of it", () => {
  const { time, knowledge } = stage();
  const cache = makeCredentialCache<string>(knowledge, 10);
  const remember = (token: string, carrier: string) =>
    cache.remember(token, carrier, {
      ...{ issued, until: time.now + 1000, result: token, withRoles: () => token },
    });
  // Alike at the end, so that they are looked for in one place.
  const [anns, bobs] = ["ann-000000", "bob-000000"];
  remember(anns, "sid");
  const within = (header: string, token: string, carrier = "sid"): string | undefined => {
    const from = header.indexOf(token);
    return cache.find(header, from, from + token.length, carrier, time.now);
  };
  const header = `a=1; sid=${anns}; b=${bobs}`;
  const long = `${header}; c=${"c".repeat(5000)}`;
  for (const one of [header, header, `sid=${anns}`, long, long, `sid=${anns}`, header]) {
    expect(within(one, anns)).toBe(anns);
    expect(within(one, anns, "other")).toBeUndefined();
    if (one.includes(bobs)) expect(within(one, bobs)).toBeUndefined();
    expect(within(one, anns.slice(1))).toBeUndefined();
    expect(within(one.replace(anns, "eve-000000"), "eve-000000"), "in its very place").toBeUndefined();
  }
  expect(within(`${anns.toUpperCase()}; ${header}`, anns)).toBe(anns);
  expect(within(`sid=${bobs}`, bobs)).toBeUndefined();
  // One that is part of another, in the same place.
  remember("cyd-0000000", "sid");
  for (let i = 0; i < 2; i++) {
    expect(within("sid=cyd-0000000", "cyd-0000000")).toBe("cyd-0000000");
    expect(within("sid=cyd-0000000", "cyd-000000")).toBeUndefined();
  }
  remember(bobs, "sid");
  expect(within(header, bobs)).toBe(bobs);
  expect(within(header, anns), "made room").toBeUndefined();
});
