import { equal } from "../stage/assert.ts";
import { aUser, type ContractCase, isAccepted, makeUserIn, raisedTo, signIn } from "../stage/scene.ts";

const missing = { ok: false, code: "user_not_found" };

/** What the port says of users. */
export const userCases: readonly ContractCase[] = [
  [
    "createUser makes a user, and findUser finds them by id and by address",
    async ({ store, clock }) => {
      const input = aUser({ email: "ann@example.test", name: "Ann", roles: ["editor", "admin"] });
      const user = {
        ...input,
        status: "active",
        bannedUntil: null,
        banReason: null,
        externalBan: false,
        externalRoles: false,
        audiences: [],
        createdAt: clock.read(),
        version: 0,
        epoch: 0,
      };
      equal(await store.createUser(input), { ok: true, user }, "the answer");
      equal(await store.findUser({ id: input.id }), user, "by id");
      equal(await store.findUser({ email: "ann@example.test" }), user, "by address");
      equal(await store.findUser({ email: "Ann@example.test" }), undefined, "by another spelling");
      equal(await store.findUser({ id: "nobody" }), undefined, "by an unknown id");
    },
  ],
  [
    "createUser refuses an address that another has, and any number of users have none",
    async ({ store }) => {
      const first = await makeUserIn(store, { email: "ann@example.test" });
      const second = aUser({ email: "ann@example.test" });
      equal(await store.createUser(second), { ok: false, code: "email_taken" }, "the second");
      equal(await store.findUser({ id: second.id }), undefined, "what it left behind");
      equal((await store.findUser({ email: "ann@example.test" }))?.id, first.id, "whose it is");
      await makeUserIn(store, { email: null });
      await makeUserIn(store, { email: null });
    },
  ],
  [
    "createUser unlessRole makes nobody if anybody holds that role",
    async ({ store }) => {
      equal(await store.hasRole("admin"), false, "at first");
      const first = await store.createUser(aUser({ roles: ["admin"] }), { unlessRole: "admin" });
      equal(first.ok, true, "the first");
      equal(await store.hasRole("admin"), true, "then");
      const second = aUser({ roles: ["admin"] });
      const refused = { ok: false, code: "role_taken" };
      equal(await store.createUser(second, { unlessRole: "admin" }), refused, "the second");
      equal(await store.findUser({ id: second.id }), undefined, "what it left behind");
      if (first.ok) await store.setRoles(first.user.id, ["admin2", 'ad"min']);
      equal(await store.hasRole("admin"), false, "after the role was taken away");
      equal(await store.hasRole('ad"min'), true, "a role of an odd name");
      if (first.ok) await store.deleteUser(first.user.id);
      equal(await store.hasRole('ad"min'), false, "after the holder was deleted");
    },
  ],
  [
    "updateUser changes the name alone; setRoles sets the roles and raises the version",
    async ({ store, clock }) => {
      const user = await makeUserIn(store, { name: "Ann", roles: ["editor"] });
      const named = { ...user, name: "Anna" };
      equal(await store.updateUser(user.id, { name: "Anna" }), { ok: true, user: named }, "a new name");
      const promoted = { ...named, roles: ["b", "a"], version: raisedTo(clock) };
      equal(await store.setRoles(user.id, ["b", "a"]), { ok: true, user: promoted }, "new roles");
      equal(await store.findUser({ id: user.id }), promoted, "what is kept");
      equal(await store.updateUser("nobody", { name: null }), missing, "the name of nobody");
      equal(await store.setRoles("nobody", []), missing, "the roles of nobody");
    },
  ],
  [
    "banUser raises version and epoch and ends every session; unbanUser raises the version and revives nothing",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      const { session } = await signIn(store, user);
      await signIn(store, user, { client: "mobile" });
      const until = clock.read() + 60_000;
      const banned = {
        ...user,
        status: "banned",
        bannedUntil: until,
        banReason: "spam",
        version: raisedTo(clock),
        epoch: raisedTo(clock),
      };
      const answer = await store.banUser(user.id, { until, reason: "spam" });
      equal(answer, { ok: true, user: banned, ended: 2 }, "the ban");
      const read = await store.readSession(session.id);
      const ended = { ...session, epoch: 1, endedAt: clock.read(), endReason: "banned" };
      equal([read.session, read.user], [ended, banned], "the session");
      const version = raisedTo(clock, 2);
      const lifted = { ...banned, status: "active", bannedUntil: null, banReason: null, version };
      equal(await store.unbanUser(user.id), { ok: true, user: lifted }, "the ban lifted");
      equal(isAccepted(await store.readSession(session.id)), false, "whether the session is back");
      equal(await store.banUser("nobody", { until: null, reason: null }), missing, "a ban of nobody");
      equal(await store.unbanUser("nobody"), missing, "nobody's ban lifted");
    },
  ],
  [
    "banUser on a banned user replaces the ban",
    async ({ store, clock }) => {
      const user = await makeUserIn(store);
      await store.banUser(user.id, { until: null, reason: "first" });
      const again = await store.banUser(user.id, { until: 5, reason: null });
      const raised = { version: raisedTo(clock, 2), epoch: raisedTo(clock, 2) };
      const expected = { ...user, status: "banned", bannedUntil: 5, banReason: null, ...raised };
      equal(again, { ok: true, user: expected, ended: 0 }, "the second ban");
    },
  ],
  [
    "deleteUser removes the user, ends every session of theirs and frees the address",
    async ({ store, clock }) => {
      const user = await makeUserIn(store, { email: "ann@example.test" });
      const { session } = await signIn(store, user);
      equal(await store.deleteUser(user.id), { ok: true, ended: 1 }, "the deletion");
      const { globalEpoch, keysVersion, now, ...read } = await store.readSession(session.id, user.id);
      const ended = { ...session, epoch: 1, endedAt: clock.read(), endReason: "user_deleted" };
      equal(read, { session: ended, user: undefined }, "what is left");
      equal(await store.findUser({ email: "ann@example.test" }), undefined, "the user");
      equal(await store.listSessions(user.id), [], "the live sessions");
      equal(await store.deleteUser(user.id), missing, "a second deletion");
      await makeUserIn(store, { email: "ann@example.test" });
    },
  ],
];
