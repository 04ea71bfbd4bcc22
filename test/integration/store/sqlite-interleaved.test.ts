import { sqliteStore } from "latchkey/sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { asKnown } from "../../../packages/latchkey/src/store/sql/asked.ts";
import { refreshSession } from "../../../packages/latchkey/src/store/sql/steps/sessions/refresh.ts";
import { makeBuilder } from "../../../packages/latchkey/src/store/sqlite/builder.ts";
import { type Connection, openConnection } from "../../../packages/latchkey/src/store/sqlite/connection.ts";
import type { RefreshSession, SessionId, Store } from "../../../packages/latchkey/src/types.ts";
import { makeFolder } from "./folder.ts";

const id = "the session" as SessionId;
const now = 1_800_000_000_000;

/**
 * In a database that lets others write while a step runs, the last word has the condition of the step's own write.
 * SQLite does not, so here the step's statements are run one by one, without a transaction, and others come between.
 */
describe("a refresh whose row was changed after it was judged", () => {
  let folder: ReturnType<typeof makeFolder>;
  let store: Store;
  let connection: Connection;
  beforeEach(async () => {
    folder = makeFolder();
    store = sqliteStore(folder.file, { clock: () => now });
    await store.start();
    connection = openConnection(folder.file);
    const create = { id: "ann", email: null, name: null, roles: [], passwordHash: null };
    const device = { client: "web", amr: [], ip: null, userAgent: null };
    const life = { expiresIn: 3600, idleTimeout: 60, tokenHash: null, refreshSalt: "salt" };
    const session = { id, ...device, ...life };
    await store.openSession({ user: { create }, session, replaces: null, limit: null, audit: null });
  });
  afterEach(async () => {
    connection.close();
    await store.close();
    folder.remove();
  });

  function input(grace: number): RefreshSession {
    const origin = { actorId: null, userId: "ann", sessionId: id, client: "web", ip: null, userAgent: null };
    const audit = { type: "refresh_reused", ...origin, detail: {} } as const;
    return { id, generation: 0, epoch: 0, client: "web", grace, rotationKey: null, audit };
  }

  /** Runs the step; just before it writes, the others do. */
  async function interleave(others: () => Promise<unknown>) {
    const [row] = connection.answer({
      sql: "select lineage from latchkey_meta",
      parameters: [],
      one: true,
    }).values;
    const lineage = String(row?.[0]);
    const asked = asKnown(now, lineage);
    const scope = { db: makeBuilder(), now, lineage, asked, audits: [], changes: [] };
    const script = refreshSession(scope, input(0));
    let step = script.next();
    while (step.done !== true) {
      if (step.value.sql.startsWith("update")) await others();
      step = script.next(connection.answer(step.value));
    }
    return step.value;
  }

  test.each<[string, (store: Store) => Promise<unknown>]>([
    ["was ended", (store) => store.endSession(id, "revoked")],
    ["was rotated", (store) => store.refreshSession(input(0))],
    ["was left behind by a raised epoch", (store) => store.endEverything()],
    [
      "got a new credential",
      (store) =>
        store.changePassword({
          userId: "ann",
          epoch: 0,
          passwordHash: "$new",
          keep: { id, tokenHash: null },
          audit: null,
        }),
    ],
  ])("%s: cannot tell, and nothing is written", async (_, change) => {
    let between: unknown;
    const refreshed = interleave(async () => {
      await change(store);
      between = await store.readSession(id);
    });
    await expect(refreshed).rejects.toMatchObject({ code: "cannot_tell" });
    expect(await store.readSession(id)).toEqual(between);
  });

  test("was left alone: rotated", async () => {
    const refreshed = await interleave(async () => undefined);
    expect(refreshed).toMatchObject({ ok: true, outcome: "rotated", session: { generation: 1 } });
  });
});
