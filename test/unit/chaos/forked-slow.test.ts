import { describe, expect, test } from "vitest";
import { findLatencies, percentile } from "../../../chaos/src/history/latency.ts";
import { makeTimeline } from "../../../chaos/src/history/timeline.ts";
import type { Operation } from "../../../chaos/src/history/types.ts";
import {
  cannotTell,
  check,
  credential,
  fault,
  found,
  noAnswer,
  operation,
  promised,
  refused,
  revoke,
} from "./history.ts";

function refresh(start: number, parent: string, successor: string): Operation {
  return operation("refresh", start, { presented: credential("jwt-live"), parent, successor });
}

describe("F: forked refresh families", () => {
  test("a chain is none, also where a token was answered with itself or with the same successor", () => {
    const chain = [refresh(1, "a", "a"), refresh(2, "a", "b"), refresh(3, "a", "b"), refresh(4, "b", "c")];
    expect(found(chain)).toEqual([]);
  });

  test("two successors of one parent are", () => {
    expect(found([refresh(1, "a", "b"), refresh(2, "a", "c")])).toEqual(["F"]);
    // Also where one of them was exchanged further.
    expect(found([refresh(1, "a", "b"), refresh(2, "a", "c"), refresh(3, "c", "d")])).toEqual(["F"]);
  });

  test("two newest tokens of one session are, also where their parents differ", () => {
    expect(found([refresh(1, "a", "b"), refresh(2, "x", "c")])).toEqual(["F"]);
  });
});

describe("H: slow or without answer", () => {
  test("a check has 250 ms, whatever it answers", () => {
    expect(found([check(100, "session", { end: 350 })])).toEqual([]);
    expect(found([check(100, "session", { end: 351 })])).toEqual(["H"]);
    expect(found([check(100, "session", { ...cannotTell, end: 351 })])).toEqual(["H"]);
  });

  test("anything without an answer counts, but for what the client cut off itself", () => {
    expect(found([operation("end", 100, noAnswer)])).toEqual(["H"]);
    expect(found([operation("refresh", 100, { ...noAnswer, code: "cut" })])).toEqual([]);
  });

  test("an answer that tells of a defect counts", () => {
    expect(found([check(100, "session", { outcome: "unavailable", status: 500, code: "internal" })])).toEqual(
      ["H"],
    );
  });

  test("a node that is itself stopped, dead or on its way back up does not, and any other does", () => {
    const slow = check(1000, "session", { end: 3000 });
    expect(found([slow], { faults: [fault(900, 2900, { node: 0 })] })).toEqual([]);
    expect(found([slow], { faults: [fault(900, 950, { node: 0, recovered: 2000 })] })).toEqual([]);
    expect(found([slow], { faults: [fault(900, 2900, { node: 1 })] })).toEqual(["H"]);
    expect(found([slow], { faults: [fault(900, 2900)] })).toEqual(["H"]);
  });

  test("the time for which the harness or the node did not get to run is taken off once", () => {
    const slow = check(100, "session", { end: 500 });
    expect(
      found([slow], {
        stalls: [
          { from: 150, to: 290 },
          { from: 200, to: 300 },
        ],
      }),
    ).toEqual([]);
    expect(
      found([slow], {
        stalls: [
          { from: 150, to: 290 },
          { from: 160, to: 280 },
        ],
      }),
    ).toEqual(["H"]);
    const slower = check(100, "session", { end: 520 });
    expect(
      found([slower], {
        stalls: [
          { from: 150, to: 290 },
          { from: 200, to: 300 },
        ],
      }),
    ).toEqual(["H"]);
    const bare = operation("bare", 200, { end: 400, user: "" });
    expect(found([slow, bare])).toEqual([]);
    expect(found([slow, { ...bare, node: 1 }])).toEqual(["H"]);
  });

  test("a node that answers nothing at all in time counts, unless it waited for a processor", () => {
    const bare = operation("bare", 200, { end: 500, user: "" });
    expect(found([bare])).toEqual(["H"]);
    expect(found([{ ...bare, starved: 100 }])).toEqual([]);
  });
});

describe("W: what was written into a session", () => {
  const presented = credential("session");
  const work = operation("work", 100, { presented, wrote: "m1" });

  test("is there when it is read later", () => {
    expect(found([work, operation("get", 200, { presented, seen: ["m1", "m2"] })])).toEqual([]);
    expect(found([work, operation("get", 200, { presented, seen: ["m2"] })])).toEqual(["W"]);
    expect(found([work, operation("get", 102, { presented, seen: [] })])).toEqual([]);
    expect(found([{ ...work, ...cannotTell }, operation("get", 200, { presented, seen: [] })])).toEqual([]);
  });
});

describe("latency of a revocation", () => {
  test("is that of the slowest node, until the first refusal that nothing contradicts", () => {
    const operations = [
      revoke(100, { watched: true }),
      check(105, "jwt-live", { node: 0, ...refused("session_ended") }),
      check(106, "jwt-live", { node: 1 }),
      check(112, "jwt-live", { node: 1, ...refused("session_ended") }),
      check(120, "jwt-live", { node: 1, ...refused("session_ended") }),
    ];
    const history = { operations, faults: [], stalls: [] };
    expect(findLatencies(history, makeTimeline(history), promised)).toEqual([
      { milliseconds: 12, strategy: "jwt-live", quiet: true },
    ]);
  });

  test("percentiles", () => {
    const values = Array.from({ length: 100 }, (_, index) => index + 1);
    expect([percentile(values, 0.5), percentile(values, 0.99), percentile([7], 0.99)]).toEqual([50, 99, 7]);
    expect(percentile([], 0.5)).toBeNaN();
  });
});
