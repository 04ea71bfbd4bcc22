import type { AuditQuery } from "../../../types.ts";
import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { anEntry, aSessionId, type ContractCase, makeUserIn, opening } from "../stage/scene.ts";

/** What the port says of the audit log itself. */
export const logCases: readonly ContractCase[] = [
  [
    "appendAudit adds an entry by the store's clock; listAudit gives the newest first",
    async ({ store, clock }) => {
      const detail = JSON.parse('{"__proto__":{"a":1},"codes":[1,null,"é"]}');
      const first = anEntry("sign_in_failed", { userId: "ann", sessionId: aSessionId(), detail });
      const second = anEntry("keys_rotated", { actorId: "bob", client: null, ip: null, userAgent: null });
      await store.appendAudit(first);
      const at = clock.read();
      clock.advance(1);
      await store.appendAudit(second);
      const written = [
        { ...second, id: 2, at: at + 1 },
        { ...first, id: 1, at },
      ];
      equal(await store.listAudit({ limit: 9 }), written, "the log");
    },
  ],
  [
    "listAudit asks for whom it concerns, for the type, and for entries of a lower id",
    async ({ store }) => {
      for (const userId of ["ann", "bob", null]) {
        await store.appendAudit(anEntry("signed_in", { userId, actorId: "ann" }));
        await store.appendAudit(anEntry("signed_out", { userId, actorId: "bob" }));
      }
      const ids = async (query: Partial<AuditQuery>) =>
        (await store.listAudit({ limit: 9, ...query })).map(({ id }) => id);
      equal(await ids({}), [6, 5, 4, 3, 2, 1], "all");
      equal(await ids({ userId: "ann" }), [2, 1], "of one user");
      equal(await ids({ type: "signed_out" }), [6, 4, 2], "of one type");
      equal(await ids({ before: 5, limit: 2 }), [4, 3], "a page");
      equal(await ids({ userId: "bob", type: "signed_in", before: 4 }), [3], "all of it");
      equal(await ids({ before: 1 }), [], "before the first");
      equal(await ids({ limit: 0 }), [], "none");
      equal(await ids({ limit: -1 }), [], "fewer than none");
    },
  ],
  [
    "an entry that cannot be written undoes its step",
    async ({ store }) => {
      const user = await makeUserIn(store);
      const circle: { self?: unknown } = {};
      circle.self = circle;
      const audit = anEntry("signed_in", { detail: circle });
      await rejects(store.openSession(opening(user, { audit })), "a sign-in");
      await rejects(store.banUser(user.id, { until: null, reason: null }, { audit }), "a ban");
      await rejects(store.appendAudit(audit), "an entry alone");
      equal(await store.listSessions(user.id), [], "the sessions");
      equal(await store.findUser({ id: user.id }), user, "the user");
      equal(await store.listAudit({ limit: 9 }), [], "the log");
    },
  ],
  [
    "entries of many at once all have ids of their own, without a gap",
    async ({ store, handles }) => {
      await atOnce(30, handles, (on, i) => on.appendAudit(anEntry("signed_in", { detail: { i } })));
      const log = await store.listAudit({ limit: 99 });
      const ids = Array.from({ length: 30 }, (_, i) => 30 - i);
      equal(
        log.map(({ id }) => id),
        ids,
        "the ids",
      );
    },
  ],
];

/** How it fails is the store's to say. */
async function rejects(promise: Promise<unknown>, what: string): Promise<void> {
  const failed = await promise.then(
    () => false,
    () => true,
  );
  equal(failed, true, what);
}
