import { memoryStore } from "latchkey/memory";
import { storeContract } from "latchkey/testing";
import { describe, test } from "vitest";

describe("memoryStore keeps the contract", () => {
  storeContract({
    test,
    open: async ({ clock }) => {
      const store = memoryStore({ clock });
      await store.start();
      return { store, dispose: () => store.close() };
    },
  });
});
