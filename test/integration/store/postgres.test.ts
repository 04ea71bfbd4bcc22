import { randomBytes } from "node:crypto";
import { postgresStore } from "latchkey/postgres";
import { storeContract } from "latchkey/testing";
import { afterAll, beforeAll, describe, test } from "vitest";
import { copyRows } from "../../support/older-copy.ts";
import { type PostgresServer, startPostgres } from "../../support/servers/postgres.ts";

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.remove());

/** As many runs of the whole suite; CONTRACT_ROUNDS=20 looks for what happens rarely. */
const rounds = Number(process.env.CONTRACT_ROUNDS ?? 1);

describe.each(Array.from({ length: rounds }, (_, i) => i + 1))("postgresStore keeps the contract, %i", () => {
  storeContract({
    test,
    open: async ({ clock }) => {
      const schema = `t_${randomBytes(6).toString("hex")}`;
      const open = () => postgresStore(server.url(), { clock, schema });
      const [store, second] = [open(), open()];
      await Promise.all([store.start(), second.start()]);
      const dispose = async () => {
        await Promise.all([store.close(), second.close()]);
        await server.sql(`drop schema ${schema} cascade`);
      };
      const copy = () => copyRows(server.sql, `${schema}.`);
      return { store, second, copy, dispose };
    },
  });
});
