import { equal } from "../stage/assert.ts";
import { atOnce } from "../stage/at-once.ts";
import {
  anEntry,
  type ContractCase,
  isAccepted,
  makeUserIn,
  opening,
  raisedTo,
  signIn,
} from "../stage/scene.ts";
import { external, sync } from "../stage/synced.ts";

const audit = anEntry("user_synced");

/** What the port says of users whom the application keeps itself. */
export const syncCases: readonly ContractCase[] = [
  [
    "syncUser makes the user, then changes nothing until something changed",
    async ({ store, clock }) => {
      const none = { bannedUntil: null, banReason: null, passwordHash: null, audiences: [] };
      const outside = { externalBan: false, externalRoles: true };
      const user = { ...external(), ...none, ...outside, createdAt: clock.read(), version: 0, epoch: 0 };
      equal(await store.syncUser(external(), { audit }), { ok: true, user, ended: 0 }, "the answer");
      equal(await store.findUser({ email: "ann@example.test" }), user, "who is found");
      equal(await store.hasRole("editor"), true, "whether the role is held");
      clock.advance(1);
      equal(await store.syncUser(external(), { audit }), { ok: true, user, ended: 0 }, "the same again");
      equal((await store.listAudit({ limit: 9 })).length, 1, "how often it was written down");
      const named = { ...user, name: null, email: null };
      const answer = await store.syncUser(external({ name: null, email: null }), { audit });
      equal(answer, { ok: true, user: named, ended: 0 }, "another name and no address");
      equal(await store.findUser({ email: "ann@example.test" }), undefined, "who is found by the old one");
      equal((await store.listAudit({ limit: 9 })).length, 2, "how often it was written down then");
    },
  ],
  [
    "syncUser raises the version by changed roles or a changed ban, once for both",
    async ({ store, clock }) => {
      await sync(store, external());
      const roles = ["admin", "editor"];
      equal((await sync(store, external({ roles }))).user.version, raisedTo(clock), "new roles");
      equal([await store.hasRole("admin"), await store.hasRole("x")], [true, false], "who holds them");
      const both = await sync(store, external({ roles: ["x"], status: "banned" }));
      const found = [both.user.version, both.user.epoch, both.user.roles];
      equal(found, [raisedTo(clock, 2), raisedTo(clock), ["x"]], "roles and ban");
      equal([await store.hasRole("admin"), await store.hasRole("x")], [false, true], "who holds them then");
      const lifted = (await sync(store, external({ roles: ["x"] }))).user;
      const free = [false, raisedTo(clock, 3), raisedTo(clock)];
      equal([lifted.externalBan, lifted.version, lifted.epoch], free, "the ban lifted");
    },
  ],
  [
    "syncUser ends every session by a new ban, and by nothing else",
    async ({ store, clock }) => {
      const { user } = await sync(store, external());
      const { session } = await signIn(store, user);
      const roles = ["admin"];
      equal((await sync(store, external({ roles }))).ended, 0, "by new roles");
      equal(isAccepted(await store.readSession(session.id)), true, "whether it is live");
      const banned = await sync(store, external({ roles, status: "banned" }));
      equal(
        [banned.ended, banned.user.epoch, banned.user.externalBan],
        [1, raisedTo(clock), true],
        "the ban",
      );
      const ended = { ...session, epoch: 1, endedAt: clock.read(), endReason: "banned" };
      equal((await store.readSession(session.id)).session, ended, "the session");
      equal(await sync(store, external({ roles, status: "banned" })), { ...banned, ended: 0 }, "again");
      const late = await store.openSession(opening({ id: "ann", epoch: raisedTo(clock) }));
      equal(late, { ok: false, code: "user_banned" }, "a sign-in");
      const made = await sync(store, external({ id: "bob", email: null, status: "banned" }));
      equal([made.user.externalBan, made.ended], [true, 0], "one who comes banned");
    },
  ],
  [
    "an address moves to whom the application gives it",
    async ({ store }) => {
      const bob = await makeUserIn(store, { email: "ann@example.test", name: "Bob" });
      const { user } = await sync(store, external());
      equal(await store.findUser({ email: "ann@example.test" }), user, "whose it is");
      equal(await store.findUser({ id: bob.id }), { ...bob, email: null }, "whose it was");
      equal((await store.listUsers({ search: "ann@example", limit: 9 })).length, 1, "who is found by it");
    },
  ],
  [
    "of many who bring one user up to date at once one makes them, and one bans them",
    async ({ store, handles, clock }) => {
      const made = await atOnce(20, handles, (on) => sync(on, external(), { audit }));
      equal(new Set(made.map(({ user }) => user.version)).size, 1, "the versions they were shown");
      equal((await store.listAudit({ limit: 99 })).length, 1, "how often it was written down");
      const { session } = await signIn(store, { id: "ann", epoch: 0 });
      const status = "banned";
      const banned = await atOnce(20, handles, (on) => sync(on, external({ status }), { audit }));
      const ended = banned.reduce((sum, it) => sum + it.ended, 0);
      const { user } = await store.readSession(session.id);
      const once = [1, raisedTo(clock), raisedTo(clock)];
      equal([ended, user?.version, user?.epoch], once, "how many ended, the version and the epoch");
    },
  ],
  [
    "a sign-in cannot slip past a ban of the application's own",
    async ({ store, handles }) => {
      const { user } = await sync(store, external());
      await atOnce<unknown>(60, handles, (on, i) =>
        i === 30 ? on.syncUser(external({ status: "banned" })) : on.openSession(opening(user)),
      );
      equal(await store.listSessions(user.id), [], "what is live");
    },
  ],
];
