import { sqliteStore } from "latchkey/sqlite";
import { storeContract } from "latchkey/testing";
import Database from "libsql";
import { describe, test } from "vitest";
import { copyRows } from "../../support/older-copy.ts";
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
      const copy = async () => {
        const database = new Database(folder.file);
        const putBack = await copyRows((sql) => database.exec(sql));
        return async () => {
          await putBack();
          database.close();
        };
      };
      return { store, second, copy, dispose };
    },
  });
});
