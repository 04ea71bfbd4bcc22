import { expect, test } from "vitest";
import { startOf } from "../../../packages/latchkey/src/store/rules/start-of.ts";

test.each([
  ["the entry that was read", "a:1", "x", { n: 2, tag: "x" }],
  ["another entry at its place", "a:1", "y", "lost"],
  ["another store", "b:1", "x", "lost"],
  ["another life of this one", "a:2", "x", "moved"],
])("a place in the log is recognised by all of it (P7): %s", (_, life, tag, found) => {
  const log = { life: "a:1", lineage: "a", head: 3 };
  expect(startOf(log, { life, n: 2, tag }, { n: 2, tag: "x" })).toEqual(found);
});
