import type { Store } from "../../../types.ts";
import { codeOf, equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import { anEntry, type ContractCase, isAccepted, opening, raisedTo, signIn } from "../stage/scene.ts";
import { external, sync } from "../stage/synced.ts";

const banned = { status: "banned" } as const;
const forEver = { until: null, reason: "spam" };
const keptElsewhere = { ok: false, code: "kept_elsewhere" };

/** Whether somebody who knows the password gets in now. */
async function comesIn(store: Store, id = "ann"): Promise<string> {
  const user = await store.findUser({ id });
  return codeOf(await store.openSession(opening({ id, epoch: user?.epoch ?? 0 })));
}

/** What the port says of a user who has two sides: the application's own table, and us. */
export const twoLocksCases: readonly ContractCase[] = [
  [
    "a ban of ours outlives every syncUser, and one of the application's outlives unbanUser",
    async ({ store, clock }) => {
      await sync(store, external());
      await store.banUser("ann", forEver);
      const synced = (await sync(store, external({ name: "Anna" }))).user;
      equal([synced.status, synced.banReason, synced.externalBan], ["banned", "spam", false], "still ours");
      const both = (await sync(store, external(banned))).user;
      const twice = [raisedTo(clock, 2), raisedTo(clock, 2)];
      equal([both.status, both.externalBan, both.version, both.epoch], ["banned", true, ...twice], "both");
      const unbanned = await store.unbanUser("ann");
      equal(
        unbanned.ok && [unbanned.user.status, unbanned.user.externalBan],
        ["active", true],
        "ours lifted",
      );
      equal(await comesIn(store), "user_banned", "by theirs");
      await store.banUser("ann", forEver);
      const lifted = (await sync(store, external())).user;
      equal([lifted.status, lifted.externalBan], ["banned", false], "theirs lifted");
      equal(await comesIn(store), "user_banned", "by ours");
      await store.unbanUser("ann");
      equal(await comesIn(store), "ok", "by none");
    },
  ],
  [
    "a ban of ours that is over leaves one of the application's, which has no end",
    async ({ store, clock }) => {
      await sync(store, external());
      await store.banUser("ann", { until: clock.read() + 1000, reason: null });
      await sync(store, external(banned));
      clock.advance(1000);
      equal(await comesIn(store), "user_banned", "after ours");
      const names = async (status: "active" | "banned") =>
        (await store.listUsers({ status, limit: 9 })).map(({ id }) => id);
      equal([await names("banned"), await names("active")], [["ann"], []], "the lists");
    },
  ],
  [
    "an administrator whom the application bans counts for nobody in charge",
    async ({ store }) => {
      const keepOneOf = ["admin"];
      await sync(store, external({ roles: ["admin"] }));
      await sync(store, external({ id: "bob", email: null, roles: ["admin"], ...banned }));
      equal(codeOf(await store.banUser("ann", forEver, { keepOneOf })), "last_administrator", "the ban");
      equal(codeOf(await store.banUser("bob", forEver, { keepOneOf })), "ok", "of who is not in charge");
    },
  ],
  [
    "roles that the application keeps are not ours to set, and those that it leaves out are",
    async ({ store, clock }) => {
      await sync(store, external());
      const audit = anEntry("roles_changed");
      equal(await store.setRoles("ann", ["admin"], { audit }), keptElsewhere, "theirs");
      equal(await store.listAudit({ limit: 9 }), [], "what was written down");
      const { user } = await sync(store, external({ roles: undefined }));
      equal([user.roles, user.externalRoles, user.version], [["editor"], false, 0], "left out from now on");
      equal(codeOf(await store.setRoles("ann", ["admin"], { audit })), "ok", "ours");
      const kept = (await sync(store, external({ roles: undefined, name: "Anna" }))).user;
      equal([kept.roles, kept.version], [["admin"], raisedTo(clock)], "after the next sync");
      const taken = (await sync(store, external({ roles: [] }))).user;
      equal(
        [taken.roles, taken.externalRoles, taken.version],
        [[], true, raisedTo(clock, 2)],
        "kept there again",
      );
    },
  ],
  [
    "roles of the application's in another order are no other roles",
    async ({ store, clock }) => {
      const roles = ["admin", "editor", "owner"];
      const { user } = await sync(store, external({ roles }));
      equal((await sync(store, external({ roles: roles.toReversed() }))).user, user, "the record");
      equal((await sync(store, external({ roles: [...roles, "admin"] }))).user, user, "with one twice");
      const fewer = (await sync(store, external({ roles: ["owner", "editor"] }))).user;
      equal([fewer.roles, fewer.version], [["owner", "editor"], raisedTo(clock)], "with one less");
    },
  ],
  [
    "whoever turns which lock at once, both are turned, and nothing is live",
    async ({ store, handles: [one, other], clock }) => {
      for (let round = 0; round < 100; round++) {
        const id = `u${round}`;
        const { user } = await sync(store, external({ id, email: null }));
        const { session } = await signIn(store, user);
        const theirs = () => other.syncUser(external({ id, email: null, ...banned }));
        const steps = [() => one.banUser(id, forEver), theirs, () => one.openSession(opening(user))];
        await Promise.all(steps.map((_, i) => steps[(i + round) % 3]?.()));
        const found = await store.findUser({ id });
        equal(
          [found?.status, found?.externalBan, found?.epoch],
          ["banned", true, raisedTo(clock, 2)],
          "both",
        );
        equal(isAccepted(await store.readSession(session.id)), false, "the session");
        equal(await store.listSessions(id), [], "what is live");
      }
    },
  ],
  [
    "an unban never lifts the ban that the application sets at that moment, nor the other way round",
    async ({ store, handles }) => {
      for (let round = 0; round < 100; round++) {
        const id = `u${round}`;
        const theirs = external({ id, email: null, ...banned });
        const nobodys = external({ id, email: null });
        await sync(store, round % 2 === 0 ? nobodys : theirs);
        if (round % 2 === 0) await store.banUser(id, forEver);
        await atOnce<unknown>(8, handles, async (on, i) => {
          if (round % 2 === 0) return i === 4 ? on.syncUser(theirs) : on.unbanUser(id);
          return i === 4 ? on.banUser(id, forEver) : on.syncUser(nobodys);
        });
        const found = await store.findUser({ id });
        const isTheirs = round % 2 === 0;
        if (isTheirs) equal(found?.externalBan, true, "theirs");
        // An unban that comes after the ban lifts it; a sync never does.
        else equal(found?.status, "banned", "ours");
      }
    },
  ],
];
