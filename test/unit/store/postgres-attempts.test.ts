import { expect, test } from "vitest";
import { attempt } from "../../../packages/latchkey/src/store/postgres/attempts.ts";
import { Lost } from "../../../packages/latchkey/src/store/postgres/fault.ts";
import { InDoubt } from "../../../packages/latchkey/src/store/postgres/statements/ending.ts";

test.each([
  ["a connection that was closed before the commit was sent", new Lost(new Error("closed")), 2],
  [
    "one that broke while a commit was under way: nobody knows whether it was done",
    new InDoubt(new Error("broke")),
    1,
  ],
])("is tried again, or not: %s", async (_, error, times) => {
  let tried = 0;
  const limit = { left: () => 1000 } as Parameters<typeof attempt>[0];
  const step = async (): Promise<string> => {
    tried += 1;
    if (tried === 1) throw error;
    return "done";
  };
  await attempt(limit, step).catch(() => undefined);
  expect(tried).toBe(times);
});
