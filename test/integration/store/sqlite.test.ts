import { sqliteStore } from "latchkey/sqlite";
import { storeContract } from "latchkey/testing";
import { describe, test } from "vitest";
import { makeFolder } from "./folder.ts";

describe("sqliteStore keeps the contract", () => {
  storeContract({
    test,
    open: async ({ clock }) => {
      const folder = makeFolder();
      const [store, second] = [sqliteStore(folder.file, { clock }), sqliteStore(folder.file, { clock })];
      await Promise.all([store.start(), second.start()]);
      const dispose = async () => {
        await Promise.all([store.close(), second.close()]);
        folder.remove();
      };
      return { store, second, dispose };
    },
  });
});
