import { codeOf, equal } from "../stage/assert.ts";
import { anEntry, type ContractCase, isAccepted, signIn } from "../stage/scene.ts";
import { external, sync } from "../stage/synced.ts";

const conflict = { ok: false, code: "conflict" };
const audit = anEntry("user_synced");

/** What the port says of bringing up to date from what may be old news, and of ids that come back. */
export const syncFromCases: readonly ContractCase[] = [
  [
    "syncUser with from refuses if the record is another by now, and changes nothing",
    async ({ store }) => {
      const made = await sync(store, external(), { from: null, audit });
      equal(await store.syncUser(external(), { from: null }), conflict, "where none was");
      const after = (await sync(store, external({ name: "Anna" }), { from: made.user })).user;
      const old = external({ roles: [], status: "banned" });
      equal(await store.syncUser(old, { from: made.user, audit }), conflict, "after another name");
      equal(await store.findUser({ id: "ann" }), after, "the record");
      equal((await store.listAudit({ limit: 9 })).length, 1, "what was written down");
      await store.deleteUser("ann");
      equal(await store.syncUser(old, { from: after }), conflict, "after a deletion");
      equal(await store.findUser({ id: "ann" }), undefined, "nobody");
    },
  ],
  [
    "syncUser with from refuses after whatever of roles, bans, epoch, name and address was changed meanwhile",
    async ({ store }) => {
      const { user } = await sync(store, external({ roles: undefined }));
      const changes = [
        () => store.setRoles("ann", ["admin"]),
        () => store.banUser("ann", { until: null, reason: null }),
        () => store.unbanUser("ann"),
        () => store.endSessions("ann", "revoked"),
        () => store.updateUser("ann", { name: "Anna" }),
        () => store.syncUser(external({ roles: undefined, name: "Anna", status: "banned" })),
        () => store.syncUser(external({ roles: undefined, name: "Anna", email: "anna@example.test" })),
        () => store.syncUser(external({ roles: ["admin"], name: "Anna", email: "anna@example.test" })),
      ];
      let from = user;
      for (const [i, change] of changes.entries()) {
        await change();
        equal(await store.syncUser(external(), { from }), conflict, `change ${i}`);
        from = (await store.findUser({ id: "ann" })) ?? from;
      }
      equal(codeOf(await store.syncUser(external(), { from })), "ok", "from the newest");
    },
  ],
  [
    "of two who read the table one after the other, the later word stays, whoever writes first",
    async ({ handles: [store, second] }) => {
      for (let round = 0; round < 100; round++) {
        const id = `u${round}`;
        const from = (await sync(store, external({ id, email: null }))).user;
        const early = external({ id, email: null, roles: ["admin"] });
        const late = external({ id, email: null, roles: [], status: "banned" });
        // What was refused is read again, and by then the table says what it said late.
        const again = async (on: typeof store, word: typeof early) => {
          const refused = await on.syncUser(word, { from });
          if (!refused.ok) await on.syncUser(late, { from: await on.findUser({ id }) });
        };
        const writers = [() => again(store, early), () => again(second, late)];
        await Promise.all(writers.map((_, i) => writers[(i + round) % 2]?.()));
        const found = await store.findUser({ id });
        equal([found?.roles, found?.externalBan], [[], true], "the record");
      }
    },
  ],
  [
    "an id that comes back begins above what it had, and revives nothing",
    async ({ store }) => {
      const { user } = await sync(store, external());
      const { session } = await signIn(store, user);
      await sync(store, external({ roles: ["admin"], status: "banned" }));
      await sync(store, external({ roles: ["editor"] }));
      const before = await store.findUser({ id: "ann" });
      await store.deleteUser("ann");
      const back = (await sync(store, external())).user;
      equal(back.version > (before?.version ?? 0) && back.epoch > (before?.epoch ?? 0), true, "the counters");
      equal(isAccepted(await store.readSession(session.id)), false, "the session from before");
      equal(
        codeOf(await store.syncUser(external({ roles: [] }), { from: before ?? null })),
        "conflict",
        "from then",
      );
      const other = (await sync(store, external({ id: "bob", email: null }))).user;
      equal(other.epoch >= back.epoch, true, "of another who comes first");
    },
  ],
];
